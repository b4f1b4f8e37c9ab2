using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.RegularExpressions;
using Xunit;

namespace Kvol.Tests.FreeBSD;

/// <summary>What Native/FreeBSD declares, read from the assembly built for FreeBSD, against values compiled from FreeBSD's headers and the
/// symbols that its libraries export. A declaration that has no such value must be listed here with the header that it was read
/// in.</summary>
[Trait("System", "Linux")] // once is enough: it runs nothing of kvol
public sealed class Abi : IDisposable
{
    private static readonly Dictionary<string, string> UncheckedConstants = new()
    {
        ["PathMax"] = "PATH_MAX by the name that both systems have for it",
        ["ZFS_IOCVER_OZFS"] = "OpenZFS, include/os/freebsd/zfs/sys/zfs_ioctl_compat.h",
        ["ZFS_IOC"] = "the same file: _IOWR('Z', 0, zfs_iocparm_t)",
        ["SIG_DFL"] = "sys/signal.h: a pointer, and the table has numbers",
        ["SIG_IGN"] = "the same",
        ["NFSSVC_DUMPMNTOPTS"] = "nfs/nfssvc.h, which the table has not",
    };

    private static readonly Dictionary<string, string> UncheckedStructures = new()
    {
        ["IoParameters"] = "OpenZFS, include/os/freebsd/zfs/sys/zfs_ioctl_compat.h: zfs_iocparm_t",
        ["NfsclDumpmntopts"] = "nfs/nfssvc.h: struct nfscl_dumpmntopts",
    };

    // The structures whose names in C are other words.
    private static readonly Dictionary<string, string> OtherNames = new()
    {
        ["fsid"] = "fsid_t",
        ["sockaddrun"] = "struct sockaddr_un",
        ["kinfofile"] = "struct kinfo_file",
        ["kinfoproc"] = "struct kinfo_proc",
    };

    private readonly PEReader file = new(File.OpenRead(Path.Combine(AppContext.BaseDirectory, "FreeBSD", "kvol.dll")));
    private readonly MetadataReader reader;

    public Abi() => reader = file.GetMetadataReader();

    /// <summary>The releases whose values are here, as <c>abi.py</c> wrote them.</summary>
    public static TheoryData<string> Releases => [.. Directory.GetFiles(Here(), "abi-*-amd64.json")
        .Select(f => Path.GetFileName(f).Split('-')[1]).Order(StringComparer.Ordinal)];

    [Fact]
    public void The_oldest_and_the_newest_supported_release_are_there() =>
        Assert.Equal(["13.5", "15.1"], Releases.Select(r => r.Data));

    [Theory]
    [MemberData(nameof(Releases))]
    public void Every_constant_is_that_of_the_headers(string release)
    {
        var values = Values(release);
        var constants = Declarations().SelectMany(Literals).ToArray();
        Assert.True(constants.Length > 100, $"only {constants.Length} constants were found");
        var wrong = constants.Where(c => !UncheckedConstants.ContainsKey(c.Name))
            .Where(c => !values.TryGetValue(c.Name, out var value) || value != c.Value)
            .Select(c => $"{c.Name} = {c.Value}, the headers have "
                + $"{(values.TryGetValue(c.Name, out var v) ? v : "no such value to check it against")}");
        Assert.Empty(wrong);
    }

    [Theory]
    [MemberData(nameof(Releases))]
    public void Every_structure_is_that_of_the_headers(string release)
    {
        var values = Values(release);
        var wrong = new List<string>();
        Assert.Empty(Structures().Where(s => s.GetLayout().Size == 0).Select(s => reader.GetString(s.Name) + " has no explicit layout"));
        var structures = Structures().Where(s => !UncheckedStructures.ContainsKey(reader.GetString(s.Name))).ToArray();
        Assert.True(structures.Length >= 7, $"only {structures.Length} structures were found");
        foreach (var structure in structures)
        {
            var name = reader.GetString(structure.Name).ToLowerInvariant();
            name = OtherNames.GetValueOrDefault(name) ?? "struct " + name;
            Check($"sizeof {name}", structure.GetLayout().Size);
            foreach (var field in structure.GetFields().Select(reader.GetFieldDefinition)
                .Where(f => (f.Attributes & FieldAttributes.Static) == 0))
            {
                var member = $"{name}.{reader.GetString(field.Name)}";
                Check($"offsetof {member}", field.GetOffset());
                Check($"sizeof {member}", field.DecodeSignature(new Sizes(), null));
            }
        }

        Assert.Empty(wrong);

        void Check(string key, long value)
        {
            if (!values.TryGetValue(key, out var there) || there != value)
            {
                wrong.Add($"{key}: {value}, the headers have "
                    + $"{(values.TryGetValue(key, out var v) ? v : "no such value to check it against")}");
            }
        }
    }

    [Fact]
    public void Every_imported_function_is_exported_by_the_libraries()
    {
        var imports = reader.MethodDefinitions.Select(reader.GetMethodDefinition)
            .Where(m => (m.Attributes & MethodAttributes.PinvokeImpl) != 0).Select(m => m.GetImport()).ToArray();
        Assert.True(imports.Length > 50, $"only {imports.Length} imports were found");
        var wrong = imports.Select(i =>
            (Library: reader.GetString(reader.GetModuleReference(i.Module).Name), Name: reader.GetString(i.Name)))
            .Where(i => !Exports(i.Library).Contains(i.Name)).Select(i => $"{i.Library}: {i.Name}");
        Assert.Empty(wrong);
    }

    [Fact]
    public void Numbers_of_the_headers_stand_in_the_declarations_alone()
    {
        var declared = Declarations().Select(t => reader.GetString(t.Name)).ToHashSet();
        var sources = new[] { "FreeBSD", "Posix" }.SelectMany(f => Directory.GetFiles(Sources(f), "*.cs", SearchOption.AllDirectories))
            .ToArray();
        var ours = sources.SelectMany(f => Regex.Matches(File.ReadAllText(f), @"^(?:internal|public) .*\b(?:class|struct|record) (\w+)",
            RegexOptions.Multiline)).Select(m => m.Groups[1].Value).ToHashSet();
        Assert.Contains("KernelMounts", ours);
        var literals = reader.TypeDefinitions.Select(reader.GetTypeDefinition)
            .Where(t => ours.Contains(reader.GetString(t.Name)) && !declared.Contains(reader.GetString(t.Name)))
            .SelectMany(t => Literals(t).Select(l => $"{reader.GetString(t.Name)}.{l.Name}")).Where(n => n is not ("Nmount.MessageLength"
                or "Files.MostInterruptions" or "Files.PathAttempts" or "MountTable.UsualRoom" or "NetworkFileSystem.MostLayers"
                or "RootedPath.Exchanges"));
        Assert.Empty(literals);
        // DeviceNumber.cs is the macros major, minor and makedev of sys/types.h.
        var hexadecimal = sources.Where(f => !Path.GetFileName(f).StartsWith("Libc.", StringComparison.Ordinal)
            && Path.GetFileName(f) is not ("ZfsIoctl.cs" or "DeviceNumber.cs"))
            .SelectMany(f => File.ReadAllLines(f).Where(l => Regex.IsMatch(l.Split("//")[0], @"\b0x[0-9a-f]+", RegexOptions.IgnoreCase))
                .Select(l => $"{Path.GetFileName(f)}: {l.Trim()}"));
        Assert.Empty(hexadecimal);
    }

    [Fact]
    public void What_is_listed_as_unchecked_is_used_and_has_no_value_to_be_checked_against()
    {
        var constants = Declarations().SelectMany(Literals).Select(c => c.Name).ToHashSet();
        var structures = Structures().Select(s => reader.GetString(s.Name)).ToHashSet();
        var values = Values("13.5");
        string[] stale =
        [
            .. UncheckedConstants.Keys.Where(c => !constants.Contains(c) || values.ContainsKey(c)),
            .. UncheckedStructures.Keys.Where(s => !structures.Contains(s) || values.ContainsKey("sizeof struct " + s.ToLowerInvariant())),
        ];
        Assert.Empty(stale);
    }

    public void Dispose() => file.Dispose();

    private static Dictionary<string, long> Values(string release)
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Here(), $"abi-{release}-amd64.json")));
        return new[] { "sizes_and_offsets", "constants", "errno" }.SelectMany(s => json.RootElement.GetProperty(s).EnumerateObject())
            .ToDictionary(v => v.Name, v => v.Value.GetInt64());
    }

    private static string Here([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;

    private static string Sources(string folder) => Path.Combine(Here(), "..", "..", "Native", folder);

    private static HashSet<string> Exports(string library) => library.StartsWith("libc.so.", StringComparison.Ordinal)
        ? [.. File.ReadAllLines(Path.Combine(Here(), "symbols-13.5-libc.so.7.txt"))]
        : [.. File.ReadAllLines(Path.Combine(Here(), "symbols-13.5-other.txt"))
            .SkipWhile(l => !l.StartsWith("## lib" + library + ".", StringComparison.Ordinal)).Skip(1).Take(1)
            .SelectMany(l => l.Split(' '))];

    // These classes and what is nested in them.
    private IEnumerable<TypeDefinition> Declarations() => reader.TypeDefinitions.Select(reader.GetTypeDefinition)
        .Where(t => IsDeclaration(t) || (!t.GetDeclaringType().IsNil && IsDeclaration(reader.GetTypeDefinition(t.GetDeclaringType()))));

    private bool IsDeclaration(TypeDefinition type) => reader.GetString(type.Name) is "Libc" or "Errno" or "ZfsIoctl";

    private IEnumerable<TypeDefinition> Structures() =>
        Declarations().Where(t => !t.GetDeclaringType().IsNil && !reader.GetString(t.Name).StartsWith('<'));

    private IEnumerable<(string Name, long Value)> Literals(TypeDefinition type) =>
        from handle in type.GetFields()
        let field = reader.GetFieldDefinition(handle)
        where (field.Attributes & FieldAttributes.Literal) != 0
        let constant = reader.GetConstant(field.GetDefaultValue())
        where constant.TypeCode is not (ConstantTypeCode.String or ConstantTypeCode.NullReference)
        let bytes = reader.GetBlobReader(constant.Value)
        select (reader.GetString(field.Name), constant.TypeCode switch
        {
            ConstantTypeCode.Int32 => bytes.ReadInt32(),
            ConstantTypeCode.UInt32 => bytes.ReadUInt32(),
            ConstantTypeCode.Int64 => bytes.ReadInt64(),
            ConstantTypeCode.UInt64 => (long)bytes.ReadUInt64(),
            ConstantTypeCode.UInt16 => bytes.ReadUInt16(),
            _ => bytes.ReadByte(),
        });

    /// <summary>The size in bytes of what a field's signature says.</summary>
    private sealed class Sizes : ISignatureTypeProvider<int, object?>
    {
        public int GetPrimitiveType(PrimitiveTypeCode typeCode) => typeCode switch
        {
            PrimitiveTypeCode.Byte or PrimitiveTypeCode.SByte => 1,
            PrimitiveTypeCode.Int16 or PrimitiveTypeCode.UInt16 => 2,
            PrimitiveTypeCode.Int32 or PrimitiveTypeCode.UInt32 => 4,
            _ => 8,
        };

        public int GetPointerType(int elementType) => 8;

        public int GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind) =>
            reader.GetTypeDefinition(handle).GetLayout().Size;

        public int GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind) =>
            throw new NotSupportedException();

        public int GetTypeFromSpecification(MetadataReader reader, object? genericContext, TypeSpecificationHandle handle,
            byte rawTypeKind) => throw new NotSupportedException();

        public int GetSZArrayType(int elementType) => throw new NotSupportedException();

        public int GetArrayType(int elementType, ArrayShape shape) => throw new NotSupportedException();

        public int GetByReferenceType(int elementType) => throw new NotSupportedException();

        public int GetGenericInstantiation(int genericType, System.Collections.Immutable.ImmutableArray<int> typeArguments) =>
            throw new NotSupportedException();

        public int GetGenericMethodParameter(object? genericContext, int index) => throw new NotSupportedException();

        public int GetGenericTypeParameter(object? genericContext, int index) => throw new NotSupportedException();

        public int GetModifiedType(int modifier, int unmodifiedType, bool isRequired) => unmodifiedType;

        public int GetPinnedType(int elementType) => elementType;

        public int GetFunctionPointerType(MethodSignature<int> signature) => 8;
    }
}
