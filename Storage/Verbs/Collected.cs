namespace Kvol.Storage.Verbs;

/// <summary>One thing that gc undid, or would undo.</summary>
internal sealed record Collected(string Kind, string Subject, string? Jail, string Text);
