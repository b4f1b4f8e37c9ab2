using Kvol.Native;
using Kvol.Storage.Base;
using Kvol.Storage.Values;

namespace Kvol.Storage.Stores;

/// <content>A store that several hosts share.</content>
internal sealed partial class DirectoryStore
{
    private readonly SharedStore? shared = network is null ? null : new SharedStore(network, directory, upkeep);

    public SharedStore? Shared => shared;

    /// <summary>Takes the lock of a name at the server, and makes this host forget what it remembers of the volume from before. A directory
    /// cannot be locked there, so nothing stands in for the lock file.</summary>
    private FileLock LockShared(SharedStore shared, VolumeName name, Context context)
    {
        FileLock held;
        try
        {
            held = FileLock.Take(OpenLocks, name.Text, name.Text, context, () => Fd.None, shared.Hosts.Own.Name);
        }
        catch (NativeException e) when (e.Call == "flock")
        {
            throw shared.WithoutLocks(e);
        }

        try
        {
            SharedStore.Refresh(directory, new ByteString("volumes"));
            SharedStore.Refresh(volumes, name.Bytes);
            shared.Hosts.ForgetEarlierBoots(context);
            return held;
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }
}
