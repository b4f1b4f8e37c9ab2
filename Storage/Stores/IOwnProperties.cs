using System.Collections.Generic;
using Kvol.Storage.Values;

namespace Kvol.Storage.Stores;

/// <summary>A store whose volumes inherit properties.</summary>
internal interface IOwnProperties
{
    /// <summary>The properties of a volume that were set on it, and that <c>set</c> knows; neither labels, the quota, the policy nor what
    /// it inherits.</summary>
    IReadOnlyList<PropertyValue> OwnProperties(VolumeName name);
}
