namespace Kvol.Native;

/// <summary>An object that a process holds; <paramref name="Place"/> says by what: cwd, root or a descriptor with its number.</summary>
internal sealed record HeldObject(int Pid, string Place);
