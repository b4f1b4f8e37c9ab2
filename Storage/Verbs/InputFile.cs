using System;
using System.Buffers;
using Kvol.Native;
using Kvol.Storage.Archives;
using Kvol.Storage.Base;
using Kvol.Storage.Values;

namespace Kvol.Storage.Verbs;

/// <summary>A file that the administrator named, or standard input, open to read from its start.</summary>
internal sealed record InputFile(Fd Descriptor, string Subject, bool IsStandard) : IDisposable
{
    /// <summary>The name that stands for standard input.</summary>
    public const string Standard = "-";

    /// <summary>Opens it; null or <see cref="Standard"/> is standard input. An error (66) if it cannot be opened.</summary>
    public static InputFile Open(string? file)
    {
        if (file is null or Standard)
        {
            return new InputFile(new Fd(0), "standard input", IsStandard: true);
        }

        var name = new ByteString(file);
        try
        {
            // Opening a fifo does not wait for its writer. Reading does, and signals interrupt it.
            var source = Files.FindRead(name);
            if (!source.IsOpen)
            {
                throw new KvolException(ExitStatus.NoInput, name.ToString(), "does not exist");
            }

            Files.SetBlocking(source);
            return new InputFile(source, name.ToString(), IsStandard: false);
        }
        catch (NativeException e)
        {
            throw new KvolException(ExitStatus.NoInput, name.ToString(), e.Reason);
        }
    }

    /// <summary>What it holds; an error (65) above 16 MiB, and an error (66) if it cannot be read.</summary>
    public ReadOnlyMemory<byte> ReadAll(Context context)
    {
        var input = new ArchiveInput(Descriptor, Subject, context.Interrupt.ThrowIfCancellationRequested);
        var text = new ArrayBufferWriter<byte>();
        try
        {
            while (input.TakeAny() is { IsEmpty: false } more)
            {
                text.Write(more);
                if (text.WrittenCount > SmallFile.Largest)
                {
                    throw new KvolException(ExitStatus.Damaged, Subject, "is larger than 16 MiB");
                }
            }
        }
        catch (NativeException e)
        {
            throw new KvolException(ExitStatus.NoInput, Subject, e.Reason); // a directory, for example
        }

        return text.WrittenMemory;
    }

    public void Dispose()
    {
        if (!IsStandard) // its number must not be given to another file
        {
            Descriptor.Dispose();
        }
    }
}
