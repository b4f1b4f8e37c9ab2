using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Kvol.Native;

/// <summary>A list of names and values as libzfs_core takes and gives it, libnvpair(3). Owned: freed when it is disposed.</summary>
internal sealed unsafe class NvList : SafeHandleZeroOrMinusOneIsInvalid
{
    /// <summary>An empty list; <see cref="Failure.NoLibrary"/> when libnvpair is not there.</summary>
    public NvList()
        : base(ownsHandle: true)
    {
        nint list;
        ZfsLibraries.Register();
        try
        {
            Check(LibNvpair.nvlist_alloc(&list, LibNvpair.NV_UNIQUE_NAME, 0), "nvlist_alloc");
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            throw NativeException.NoLibrary(e.Message);
        }

        SetHandle(list);
    }

    private NvList(nint list)
        : base(ownsHandle: true) => SetHandle(list);

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
        fixed (byte* n = new ByteString(name).Terminated)
        {
            Check(value is { } number ? LibNvpair.nvlist_add_uint64(this, n, number) : LibNvpair.nvlist_add_boolean(this, n), "nvlist_add");
        }
    }

    /// <summary>Adds a text.</summary>
    public void Add(string name, string value)
    {
        fixed (byte* n = new ByteString(name).Terminated, v = new ByteString(value).Terminated)
        {
            Check(LibNvpair.nvlist_add_string(this, n, v), "nvlist_add_string");
        }
    }

    /// <summary>Adds texts, in this order.</summary>
    public void Add(string name, IReadOnlyList<string> values)
    {
        var text = Encoding.UTF8.GetBytes(string.Concat(values.Select(v => v + '\0')));
        var starts = new nint[Math.Max(values.Count, 1)];
        fixed (byte* n = new ByteString(name).Terminated, t = text)
        fixed (nint* s = starts)
        {
            for (var (i, at) = (0, 0); i < values.Count; i++)
            {
                starts[i] = (nint)(t + at);
                at += Encoding.UTF8.GetByteCount(values[i]) + 1;
            }

            Check(LibNvpair.nvlist_add_string_array(this, n, (byte**)s, (uint)values.Count), "nvlist_add_string_array");
        }
    }

    /// <summary>The names in it.</summary>
    public IReadOnlyList<string> Names()
    {
        var names = new List<string>();
        for (var pair = LibNvpair.nvlist_next_nvpair(handle, 0); pair != 0; pair = LibNvpair.nvlist_next_nvpair(handle, pair))
        {
            names.Add(Marshal.PtrToStringUTF8((nint)LibNvpair.nvpair_name(pair))!);
        }

        return names;
    }

    protected override bool ReleaseHandle()
    {
        LibNvpair.nvlist_free(handle);
        return true;
    }

    private static void Check(int error, string call)
    {
        if (error != 0)
        {
            throw new NativeException(call, "nvlist", error);
        }
    }
}
