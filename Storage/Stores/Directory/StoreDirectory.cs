using System;
using System.Linq;
using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Values;

namespace Kvol.Storage.Stores;

/// <summary>Finds, checks and makes the directory of a <see cref="DirectoryStore"/>.</summary>
internal static class StoreDirectory
{
    private const int Version = 1;
    private const string IdentityFile = "store.json";

    /// <summary>Opens the store; null if there is none yet and <paramref name="create"/> is false. Never makes a store where the
    /// configuration expects an existing one, nor among other files.</summary>
    public static DirectoryStore? Open(Configuration configuration, bool create, Upkeep upkeep)
    {
        var root = configuration.Root;
        var path = root.Length > 1 ? root.TrimEnd('/') : root;
        var directory = OpenOrMake(path, configuration.StoreId is null && create, upkeep.Plan);
        if (!directory.IsOpen)
        {
            return configuration.StoreId is null ? null
                : throw new KvolException(ExitStatus.Configuration, path,
                    $"store {configuration.StoreId} is not there; is its file system mounted?");
        }

        DirectoryStore? store = null;
        NetworkMount? network = null;
        try
        {
            network = NetworkFileSystem.Of(directory);
            if (network is not null)
            {
                SharedStore.RequireSafe(network, path);
            }

            store = Identify(directory, path, configuration, create, upkeep) is { } id
                && OpenVolumes(directory, path, upkeep) is { IsOpen: true } volumes
                ? new DirectoryStore(root, id, directory, volumes, network, upkeep) : null;
            return store;
        }
        catch (Exception e) when (network is not null && IsRefusal(e) && SharedStore.IsRootAnother(directory))
        {
            throw new KvolException(ExitStatus.NotPermitted, path, SharedStore.RootRemedy);
        }
        finally
        {
            if (store is null)
            {
                directory.Dispose();
            }
        }
    }

    // What follows where root of this host is another user at the server.
    private static bool IsRefusal(Exception e) => e is NativeException { Failure: Failure.NotPermitted }
        or KvolException { Status: ExitStatus.Configuration or ExitStatus.CannotCreate or ExitStatus.NotPermitted };

    // The id of the store that the configuration expects; null if there is none yet.
    private static string? Identify(Fd directory, string path, Configuration configuration, bool create, Upkeep upkeep)
    {
        var id = ReadId(directory, path);
        if (id is not null)
        {
            OwnDirectory.Check(directory, path, upkeep);
        }
        else if (IsEmpty(directory))
        {
            id = configuration.StoreId is not null ? throw new KvolException(ExitStatus.Configuration, path,
                $"store {configuration.StoreId} is not there; is its file system mounted?")
                : create ? MakeIn(directory, path, upkeep.Plan) : null;
        }
        else
        {
            id = ReadId(directory, path) ?? throw new KvolException(ExitStatus.Configuration, path,
                $"is not a kvol store (it has no {IdentityFile}) and is not empty; name an empty directory, "
                + "or one that does not exist yet");
        }

        return id is null || configuration.StoreId is not { } wanted || wanted == id ? id
            : throw new KvolException(ExitStatus.Configuration, path,
                $"is store {id}, but the configuration names store {wanted}; is its file system mounted?");
    }

    private static string? MakeIn(Fd directory, string path, Plan? plan)
    {
        OwnDirectory.RequireClosed(directory, path);
        if (plan is null)
        {
            return WriteId(directory, path);
        }

        Files.RequireWritable(directory);
        Announce(plan, path);
        return null;
    }

    private static void Announce(Plan plan, string path)
    {
        plan.Note($"write {path}/{IdentityFile} with the id of the store");
        plan.MakeDirectory(new ByteString($"{path}/volumes"));
    }

    private static Fd OpenOrMake(string path, bool create, Plan? plan)
    {
        try
        {
            return Files.OpenDirectory(new ByteString(path));
        }
        catch (NativeException e) when (e.Failure == Failure.NotDirectory)
        {
            throw new KvolException(ExitStatus.Configuration, path, "is not a directory, so not a store");
        }
        catch (NativeException e) when (e.Failure == Failure.NameTooLong)
        {
            throw new KvolException(ExitStatus.Usage, Shown.Word(path), "the path of the store is too long");
        }
        catch (NativeException e) when (e.Failure == Failure.NotFound)
        {
        }

        var slash = path.LastIndexOf('/');
        Fd parent;
        try
        {
            parent = Files.OpenDirectory(new ByteString(slash == 0 ? "/" : path[..slash]));
        }
        catch (NativeException e) when (e.Failure is Failure.NotFound or Failure.NotDirectory)
        {
            throw new KvolException(ExitStatus.Configuration, path,
                $"its parent directory {path[..slash]} is not there; is its file system mounted?");
        }

        using (parent)
        {
            if (!create)
            {
                return Fd.None;
            }

            try
            {
                if (plan is not null)
                {
                    Files.RequireWritable(parent);
                    plan.MakeDirectory(new ByteString(path));
                    Announce(plan, path);
                    return Fd.None;
                }

                var name = new ByteString(path[(slash + 1)..]);
                OwnDirectory.Make(parent, name);
                return Files.OpenDirectory(parent, name);
            }
            catch (NativeException e) when (e.Failure == Failure.NotPermitted && NetworkFileSystem.Of(parent) is not null)
            {
                throw new KvolException(ExitStatus.NotPermitted, path, SharedStore.RootRemedy); // root needs no permission elsewhere
            }
            catch (NativeException e)
            {
                throw new KvolException(ExitStatus.CannotCreate, path, $"cannot make the store: {e.Reason}");
            }
        }
    }

    private static string? ReadId(Fd directory, string path)
    {
        using var json = StateFile.Read(directory, IdentityFile);
        if (json is null)
        {
            return null;
        }

        var version = StateFile.Get(json.RootElement, "version", v => v.GetInt32(), directory, new ByteString(IdentityFile));
        return version > Version
            ? throw new KvolException(ExitStatus.Damaged, path,
                $"was made by a newer kvol (version {version} of {IdentityFile}, this one knows {Version}); it is left untouched")
            : StateFile.Get(json.RootElement, "id", v => v.Text(), directory, new ByteString(IdentityFile));
    }

    private static string? WriteId(Fd directory, string path)
    {
        var id = RandomHex.Of(16);
        try
        {
            using var file = new NewFile(directory);
            Attributes.RemoveInheritedAcl(file.File); // those of NFSv4 let in whom the mode does not
            Content.Write(file.File, StateFile.Text(json =>
            {
                json.WriteStartObject();
                json.WriteNumber("version", Version);
                json.WriteString("id", id);
                json.WriteEndObject();
            }));
            _ = file.TryCommit(new ByteString(IdentityFile)); // else another process was first: its id counts
        }
        catch (NativeException e)
        {
            throw new KvolException(ExitStatus.CannotCreate, path, $"cannot make the store: {e.Reason}");
        }

        return ReadId(directory, path);
    }

    /// <summary>Whether the directory holds only what an interrupted creation of a store leaves.</summary>
    private static bool IsEmpty(Fd directory)
    {
        using var listing = Files.Reopen(directory);
        var reader = new DirectoryReader();
        reader.Start(listing);
        while (reader.MoveNext())
        {
            if (!reader.Name.Bytes.StartsWith(".store.json."u8) && !NewFile.IsLeftover(reader.Name.Bytes)
                && !reader.Name.Bytes.SequenceEqual("lost+found"u8))
            {
                return false;
            }
        }

        return true;
    }

    private static Fd OpenVolumes(Fd directory, string path, Upkeep upkeep)
    {
        Fd volumes;
        try
        {
            volumes = OwnDirectory.Open(directory, "volumes", upkeep);
        }
        catch (NativeException e) when (e.Failure is Failure.ReadOnly or Failure.NotPermitted)
        {
            throw new KvolException(ExitStatus.CannotCreate, $"{path}/volumes", e.Reason);
        }

        if (volumes.IsOpen)
        {
            VolumeTop.CloseToOthers(volumes, $"{path}/volumes", upkeep);
        }

        return volumes;
    }
}
