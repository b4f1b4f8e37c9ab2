using System.Collections.Generic;

namespace Kvol.Storage.Stores;

/// <summary>The names in a store, for completion. Reading them takes no locks, changes nothing and reports nothing. A store that does not
/// exist, or that users other than root can change, has no names.</summary>
internal interface IStoreNames
{
    /// <summary>The volumes.</summary>
    IEnumerable<string> Volumes();

    /// <summary>The snapshots of one volume, each by the part behind the <c>@</c>.</summary>
    IEnumerable<string> Snapshots(string volume);

    /// <summary>The ids of the groups of snapshots.</summary>
    IEnumerable<string> Groups();

    /// <summary>The former names of the deleted volumes that are kept.</summary>
    IEnumerable<string> Deleted();

    /// <summary>The ids of the hosts that share the store and have recorded something.</summary>
    IEnumerable<string> Hosts() => [];
}
