using System.Collections.Generic;

namespace Kvol.Storage.Stores;

/// <summary>The names in a store, for completion. They are read without locks, and reading them changes nothing and says nothing. A store
/// that is not there, or that others than root can change, has no names.</summary>
internal interface IStoreNames
{
    /// <summary>The volumes.</summary>
    IEnumerable<string> Volumes();

    /// <summary>The snapshots of one volume, each by the part behind the <c>@</c>.</summary>
    IEnumerable<string> Snapshots(string volume);

    /// <summary>The deleted volumes that are kept: the names that they had.</summary>
    IEnumerable<string> Deleted();
}
