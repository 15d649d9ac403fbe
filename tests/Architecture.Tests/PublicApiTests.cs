using P2P.Bloom;
using P2P.Past;
using P2P.Pastry;
using Pastry.Tests;

namespace Architecture.Tests;

/// <summary>What others build on is approved: a change of a package's public face is seen, and meant.</summary>
public sealed class PublicApiTests
{
    [Fact]
    public void Bloom() => Approve.Text(PublicApi.Of(typeof(BloomFilter).Assembly));

    [Fact]
    public void Pastry() => Approve.Text(PublicApi.Of(typeof(PastryException).Assembly));

    [Fact]
    public void Past() => Approve.Text(PublicApi.Of(typeof(PastException).Assembly));
}
