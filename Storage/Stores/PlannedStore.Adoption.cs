using System;
using Kvol.Storage.Base;
using Kvol.Storage.Values;

namespace Kvol.Storage.Stores;

/// <content>What comes into the store and leaves it.</content>
internal sealed partial class PlannedStore : IAdoption
{
    public IAdoption Adoption => this;

    public bool TryAdopt(VolumeName name, HostTree tree, NewVolume wanted, Action requireUnheld)
    {
        var isMoved = false;
        Change(() => isMoved = steps.TryPlanAdoption(plan, name, tree, wanted, requireUnheld));
        if (isMoved)
        {
            Show(name, wanted, VolumeState.Ready);
        }

        return isMoved;
    }

    public (string? Place, string? Mountpoint) Adopt(VolumeName name, DatasetName dataset, NewVolume wanted)
    {
        (string?, string?) former = default;
        Change(() => former = steps.PlanAdoption(plan, name, dataset, wanted));
        Show(name, wanted, VolumeState.Ready);
        return former;
    }

    public void Release(VolumeName name, HostPlace to)
    {
        Change(() => Steps.PlanRelease(plan, name, to));
        planned.Changed[name] = null;
    }

    public string? Release(VolumeName name, DatasetName to, string? mountpoint)
    {
        string? place = null;
        Change(() => place = Steps.PlanRelease(plan, name, to, mountpoint));
        planned.Changed[name] = null;
        return place;
    }
}
