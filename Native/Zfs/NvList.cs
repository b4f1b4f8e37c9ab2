using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Kvol.Native;

/// <summary>A list of names and values as ZFS takes and gives it, libnvpair(3). Owned: freed when it is disposed.</summary>
internal sealed unsafe class NvList : SafeHandleZeroOrMinusOneIsInvalid
{
    /// <summary>An empty list.</summary>
    public NvList()
        : base(ownsHandle: true)
    {
        nint list;
        Check(LibNvpair.nvlist_alloc(&list, LibNvpair.NV_UNIQUE_NAME, 0), "nvlist_alloc");
        SetHandle(list);
    }

    private NvList(nint list)
        : base(ownsHandle: true) => SetHandle(list);

    /// <summary>The list in a buffer that the kernel filled, nvlist_unpack(3).</summary>
    public static NvList Unpack(ReadOnlySpan<byte> packed)
    {
        nint list;
        fixed (byte* p = packed)
        {
            Check(LibNvpair.nvlist_unpack(p, (nuint)packed.Length, &list, 0), "nvlist_unpack");
        }

        return new NvList(list);
    }

    /// <summary>A list that a function gave to its caller to free.</summary>
    public static NvList Own(nint list) => new(list);

    /// <summary>The list for the kernel, nvlist_pack(3).</summary>
    public byte[] Pack()
    {
        nuint size;
        Check(LibNvpair.nvlist_size(this, &size, LibNvpair.NV_ENCODE_NATIVE), "nvlist_size");
        var packed = new byte[size];
        fixed (byte* p = packed)
        {
            var buffer = p; // given one, the function allocates none, which only its own allocator could free
            Check(LibNvpair.nvlist_pack(this, &buffer, &size, LibNvpair.NV_ENCODE_NATIVE, 0), "nvlist_pack");
        }

        return packed;
    }

    /// <summary>Adds a number, or a name alone when <paramref name="value"/> is null.</summary>
    public void Add(string name, ulong? value)
    {
        fixed (byte* n = ((CName)new ByteString(name)).Terminated)
        {
            Check(value is { } number ? LibNvpair.nvlist_add_uint64(this, n, number) : LibNvpair.nvlist_add_boolean(this, n), "nvlist_add");
        }
    }

    /// <summary>Adds a text.</summary>
    public void Add(string name, string value)
    {
        fixed (byte* n = ((CName)new ByteString(name)).Terminated, v = ((CName)new ByteString(value)).Terminated)
        {
            Check(LibNvpair.nvlist_add_string(this, n, v), "nvlist_add_string");
        }
    }

    /// <summary>The numbers, texts and lists in it: <see cref="ulong"/>, <see cref="string"/>, and dictionaries of them; true for a name alone. Other types are left out.</summary>
    public IReadOnlyDictionary<string, object> Read() => Read(handle);

    protected override bool ReleaseHandle()
    {
        LibNvpair.nvlist_free(handle);
        return true;
    }

    private static Dictionary<string, object> Read(nint list)
    {
        var values = new Dictionary<string, object>();
        for (var pair = LibNvpair.nvlist_next_nvpair(list, 0); pair != 0; pair = LibNvpair.nvlist_next_nvpair(list, pair))
        {
            if (Value(pair) is { } value)
            {
                values[Marshal.PtrToStringUTF8((nint)LibNvpair.nvpair_name(pair))!] = value;
            }
        }

        return values;
    }

    private static object? Value(nint pair)
    {
        ulong number;
        byte* text;
        nint list;
        switch (LibNvpair.nvpair_type(pair))
        {
            case LibNvpair.DATA_TYPE_BOOLEAN:
                return true;
            case LibNvpair.DATA_TYPE_UINT64:
                Check(LibNvpair.nvpair_value_uint64(pair, &number), "nvpair_value_uint64");
                return number;
            case LibNvpair.DATA_TYPE_STRING:
                Check(LibNvpair.nvpair_value_string(pair, &text), "nvpair_value_string");
                return Marshal.PtrToStringUTF8((nint)text);
            case LibNvpair.DATA_TYPE_NVLIST:
                Check(LibNvpair.nvpair_value_nvlist(pair, &list), "nvpair_value_nvlist");
                return Read(list);
            default:
                return null;
        }
    }

    private static void Check(int error, string call)
    {
        if (error != 0)
        {
            throw new NativeException(call, "nvlist", error);
        }
    }
}
