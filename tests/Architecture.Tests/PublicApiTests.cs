using P2P.Bloom;
using P2P.Past;
using P2P.Pastry;
using P2P.Scribe;
using P2P.YouSearch;
using P2P.YouServ;
using Pastry.Tests;

namespace Architecture.Tests;

/// <summary>What others build on is approved: a change of a package's public face is seen, and meant.</summary>
public sealed class PublicApiTests
{
    public static TheoryData<string> Types =>
    [
        typeof(BloomFilter).AssemblyQualifiedName!,
        typeof(PastryException).AssemblyQualifiedName!,
        typeof(PastException).AssemblyQualifiedName!,
        typeof(ScribeException).AssemblyQualifiedName!,
        typeof(YouSearchException).AssemblyQualifiedName!,
        typeof(YouServException).AssemblyQualifiedName!,
    ];

    /// <summary>What a package uses inside must not become what its users depend on.</summary>
    [Theory]
    [MemberData(nameof(Types))]
    public void Signatures_name_no_types_of_others(string typeInPackage) =>
        Assert.Empty(
            from named in PublicApi.TypesNamedBy(Type.GetType(typeInPackage, throwOnError: true)!.Assembly)
            let assembly = named.Type.Assembly.GetName().Name!
            where !DependencyTests.IsFramework(assembly) && !DependencyTests.IsWebFramework(assembly) && !assembly.StartsWith("Microsoft.Extensions.", StringComparison.Ordinal) && !assembly.StartsWith("P2P.", StringComparison.Ordinal)
            select $"{named.By} names {named.Type} of {assembly}");

    [Fact]
    public void Bloom() => Approve.Text(PublicApi.Of(typeof(BloomFilter).Assembly));

    [Fact]
    public void Pastry() => Approve.Text(PublicApi.Of(typeof(PastryException).Assembly));

    [Fact]
    public void Past() => Approve.Text(PublicApi.Of(typeof(PastException).Assembly));

    [Fact]
    public void Scribe() => Approve.Text(PublicApi.Of(typeof(ScribeException).Assembly));

    [Fact]
    public void YouSearch() => Approve.Text(PublicApi.Of(typeof(YouSearchException).Assembly));

    [Fact]
    public void YouServ() => Approve.Text(PublicApi.Of(typeof(YouServException).Assembly));
}
