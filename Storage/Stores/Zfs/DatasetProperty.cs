using System;
using System.Globalization;
using Kvol.Native;
using Kvol.Storage.Values;

namespace Kvol.Storage.Stores;

/// <summary>The properties of a dataset that hold a volume's properties, and their values as users write them.</summary>
internal static class DatasetProperty
{
    /// <summary>A volume's quota limits its content: snapshots do not count.</summary>
    public static string NameOf(PropertyName name) => name.Text == "quota" ? "refquota" : name.Text;

    /// <summary>Whether an unset property takes the value of the dataset above; properties that limit space do not.</summary>
    public static bool IsInheritable(string property) => property is not ("refquota" or "reservation");

    /// <summary>The value; sizes are in bytes.</summary>
    public static string Text(DatasetStats dataset, PropertyName name)
    {
        var property = NameOf(name);
        return (property, dataset.Number(property)) switch
        {
            ("refquota" or "reservation", null or 0) => "none",
            ("refquota" or "reservation" or "recordsize", { } bytes) => bytes.ToString(CultureInfo.InvariantCulture),
            (_, { } number) => PropertyEncoding.Text(property, number),
            ("recordsize", null) => "131072", // SPA_OLD_MAXBLOCKSIZE
            ("atime", null) => "on",
            ("readonly", null) => "off",
            _ => ZfsModule.Version >= new Version(2, 2) ? "on" : "off", // ZIO_COMPRESS_DEFAULT
        };
    }
}
