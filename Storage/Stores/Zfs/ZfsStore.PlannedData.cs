using System;
using System.Collections.Generic;
using System.Linq;
using Kvol.Native;
using Kvol.Storage.Archives;
using Kvol.Storage.Base;
using Kvol.Storage.Values;

namespace Kvol.Storage.Stores;

/// <content>The same for keys and streams.</content>
internal sealed partial class ZfsStore
{
    /// <inheritdoc cref="LoadKey"/>
    public void PlanLoadingKey(Plan plan, VolumeName name, string? file)
    {
        var dataset = KeyHolder(name);
        if (dataset.Number("keystatus") == 1)
        {
            file = KeyFileOf(name, dataset, file);
            _ = Derive(dataset, file);
            plan.Do("zfs", "load-key", "-L", $"file://{HostPath.Absolute(file)}", dataset.Name);
        }

        PlanMountAbove(plan);
        var own = Existing(name);
        if (mounts.HomeOf(own) is null)
        {
            plan.Do("zfs", "mount", own.Name);
        }
    }

    /// <inheritdoc cref="UnloadKey"/>
    public void PlanUnloadingKey(Plan plan, VolumeName name)
    {
        var dataset = RequireOwnKey(name);
        PlanUnmount(plan, dataset);
        if (dataset.Number("keystatus") != 1)
        {
            plan.Do("zfs", "unload-key", dataset.Name);
        }
    }

    /// <inheritdoc cref="OpenStream"/>
    public void PlanStream(Plan plan, VolumeName name, SnapshotName? snapshot, SnapshotName? since)
    {
        var from = since is null ? null : Require(since);
        if (snapshot is null)
        {
            plan.Note($"hold a temporary snapshot of {volumes}/{name} until the end");
        }
        else if (Require(snapshot).CreationTxg <= from?.CreationTxg)
        {
            throw NotEarlier(since, snapshot);
        }
    }

    /// <inheritdoc cref="Receive"/>
    public void PlanReceiving(Plan plan, VolumeName name, NewVolume? wanted, StreamBegin begin, bool keep, string what)
    {
        var dataset = $"{volumes}/{name}";
        var isTemporary = begin.Snapshot.StartsWith(ForExport, StringComparison.Ordinal);
        RequireFitting(name, zfs.Find(dataset), begin, keep && isTemporary, what);
        PlanMountAbove(plan);
        IEnumerable<string> properties = wanted is null || begin.GoesOn ? []
            : ZfsVolume.PropertiesOf(wanted).SelectMany(p => (string[])["-o", $"{p.Name}={p.Value}"]);
        var snapshot = $"{dataset}@{begin.Snapshot}";
        plan.DoAs(string.Join(' ', ((string[])["zfs", "receive", .. keep ? (string[])["-s"] : [], .. properties, snapshot])
            .Select(Plan.Quoted)) + (what == "standard input" ? "" : $" <{Plan.Quoted(what)}"));
        if (isTemporary)
        {
            plan.Do("zfs", "destroy", snapshot);
        }
    }
}
