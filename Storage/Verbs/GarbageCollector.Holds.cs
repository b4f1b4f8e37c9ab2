using System.Linq;
using Kvol.Storage.Mounts;

namespace Kvol.Storage.Verbs;

/// <content>Holds of containers that are gone.</content>
internal sealed partial class GarbageCollector
{
    private void EndedHolds() => Unless(() =>
    {
        foreach (var hold in Holds.Sweep(context, dryRun, path => AddLitter(path)))
        {
            Add("hold", string.Join(", ", hold.Volumes.Select(v => v.Name.Text).Distinct()), hold.Holder.Id,
                $"{(dryRun ? "would be" : "is")} no longer held by {hold.Who}, which is gone");
        }
    });
}
