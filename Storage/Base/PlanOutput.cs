using System;
using System.Text;
using Kvol.Native;

namespace Kvol.Storage.Base;

/// <summary>Standard output during a dry run: it belongs to the plan, and what the verb itself prints goes nowhere.</summary>
internal sealed class PlanOutput : IDisposable
{
    private readonly Fd output = StandardStream.TakeOutput();

    /// <summary>Prints the lines of a plan.</summary>
    public void Print(Plan plan) =>
        StandardStream.Write(output.Number, Encoding.UTF8.GetBytes(string.Join('\n', plan.Lines) + "\n"));

    public void Dispose() => output.Dispose();
}
