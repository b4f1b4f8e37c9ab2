using System;
using Kvol.Tests.Support;
using Xunit;

namespace Kvol.Tests;

/// <summary>Not part of the suite: the bench asks with it whether what it measured was right.</summary>
public class SameTree
{
    [Fact(Explicit = true)]
    public void What_was_seeded_is_what_was_there() =>
        Manifest.Of(Environment.GetEnvironmentVariable("KVOL_BENCH_EXPECTED")!)
            .MustEqual(Manifest.Of(Environment.GetEnvironmentVariable("KVOL_BENCH_FOUND")!));
}
