using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Threading;
using Xunit;

[assembly: AssemblyFixture(typeof(Kvol.Tests.Support.GuestForTheSuite))]

namespace Kvol.Tests.Support;

/// <summary> The test machine with real OpenZFS: an emulated computer, one for the whole suite, with /dev/vda to /dev/vdd for pools. Its
/// file systems are memory; only the disks outlive a cut of power.
/// </summary>
internal sealed class Guest
{
    /// <summary>How long the machine may take from power-on to the agent's first message.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    private static readonly Lazy<Guest> Only = new(() => new Guest());

    private static readonly Dictionary<string, string> Defaults = new()
    {
        ["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        ["HOME"] = "/root",
        ["LC_ALL"] = "C",
        ["KVOL"] = "/usr/local/sbin/kvol",
    };

    private readonly string directory = Environment.GetEnvironmentVariable("KVOL_GUEST_DIR")
        ?? Directory.CreateTempSubdirectory("kvol-guest-").FullName;
    private Process machine = null!;
    private GuestLink link = null!;

    private Guest() => Boot();

    /// <summary>The running machine, with the program under test as $KVOL. The first use boots it; so does the first use after a
    /// crash.</summary>
    public static Guest Current
    {
        get
        {
            var guest = Only.Value;
            lock (Only)
            {
                if (guest.machine.HasExited)
                {
                    guest.PowerCut();
                }
            }

            return guest;
        }
    }

    /// <summary>The last output of the kernel and of init.</summary>
    public string Console =>
        File.Exists(directory + "/console") ? string.Join('\n', File.ReadLines(directory + "/console").TakeLast(40)) : "";

    public Result Shell(string script, int seconds = 300)
    {
        using var command = StartShell(script);
        return command.Wait(seconds);
    }

    public Result Run(params string[] arguments)
    {
        using var command = Start(arguments);
        return command.Wait();
    }

    public GuestCommand StartShell(string script) => Start(["bash", "-c", script]);

    public GuestCommand Start(params string[] arguments) => Start(arguments, null);

    /// <summary>Starts a program with additional environment variables, a working directory, or bytes on its standard input.</summary>
    public GuestCommand Start(IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string>? environment, string directory = "/",
        byte[]? input = null)
    {
        var all = new Dictionary<string, string>(Defaults);
        foreach (var (key, value) in environment ?? Defaults)
        {
            all[key] = value;
        }

        return link.Run(directory, all, arguments, input);
    }

    public void Put(string localPath, string guestPath, string mode = "755")
    {
        using var command = Start(["sh", "-c", "cat >\"$1\" && chmod \"$2\" \"$1\"", "sh", guestPath, mode], null,
            input: File.ReadAllBytes(localPath));
        command.Wait().Ok();
    }

    /// <summary>Cuts the power while commands run, and boots again. These commands end as <see cref="GuestCommand.Lost"/>.</summary>
    public void PowerCut()
    {
        Kill();
        Boot();
    }

    /// <summary>Ends the machine and deletes its disks, if there is one.</summary>
    public static void Off()
    {
        if (Only.IsValueCreated)
        {
            Only.Value.Kill();
            Directory.Delete(Only.Value.directory, true);
        }
    }

    private void Boot()
    {
        // If a saved state cannot be resumed here, the machine boots instead; the suite does not fail.
        if (!Boot("warm", TimeSpan.FromMinutes(1)) && !Boot("cold", Limit))
        {
            Assert.Fail($"the test machine did not boot (it has {Limit.TotalSeconds} s); its console ends:\n{Console}");
        }

        Put(Box.Binary, Defaults["KVOL"]);
    }

    private bool Boot(string mode, TimeSpan limit, [CallerFilePath] string here = "")
    {
        var image = Environment.GetEnvironmentVariable("KVOL_GUEST_IMAGE");
        Assert.False(string.IsNullOrEmpty(image), "there is no test machine: KVOL_GUEST_IMAGE is not set (Tests/Guest/image.sh prints it)");
        Directory.CreateDirectory(directory);
        File.Delete(directory + "/agent");
        File.Delete(directory + "/console");
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(directory + "/agent"));
        listener.Listen(1);
        machine = Process.Start("sh", [Path.Combine(Path.GetDirectoryName(here)!, "../Guest/boot.sh"), image!, directory, mode]);
        if (listener.Poll(TimeSpan.FromSeconds(30), SelectMode.SelectRead))
        {
            link = new GuestLink(listener.Accept());
            if (link.WaitReady(limit))
            {
                return true;
            }

            link.Dispose();
        }

        machine.Kill();
        machine.WaitForExit();
        return false;
    }

    private void Kill()
    {
        machine.Kill();
        machine.WaitForExit();
        machine.Dispose();
        link.Dispose();
    }
}

/// <summary>Ends the machine after the last test.</summary>
public sealed class GuestForTheSuite : IDisposable
{
    public void Dispose() => Guest.Off();
}
