using System.Xml.Linq;

namespace Consumer.Contents;

/// <summary>What a package says of itself: in its list of files, and to whoever looks for it.</summary>
public sealed class ManifestTests
{
    public static TheoryData<string> Packages => [.. Promises.Packages];

    [Fact]
    public void The_feed_has_each_package_once_with_its_symbols_in_one_version()
    {
        Assert.Equal(Promises.Packages.Select(id => $"{id}.{PackageFile.Version}.nupkg").Order(StringComparer.Ordinal), PackageFile.List("nupkg"));
        Assert.Equal(Promises.Packages.Select(id => $"{id}.{PackageFile.Version}.snupkg").Order(StringComparer.Ordinal), PackageFile.List("snupkg"));
    }

    [Theory]
    [MemberData(nameof(Packages))]
    public void A_package_holds_one_library_with_its_documentation_and_what_people_read(string id)
    {
        Assert.Equal(
            new[] { "CHANGELOG.md", "README.md", "icon.png", $"{id}.nuspec", $"lib/net10.0/{id}.dll", $"lib/net10.0/{id}.xml" }.Order(StringComparer.Ordinal),
            PackageFile.Package(id).Names);
        Assert.Equal(new[] { $"{id}.nuspec", $"lib/net10.0/{id}.pdb" }.Order(StringComparer.Ordinal), PackageFile.Symbols(id).Names);
    }

    [Theory]
    [MemberData(nameof(Packages))]
    public void A_package_says_what_it_is_whose_it_is_and_what_is_new(string id)
    {
        var manifest = PackageFile.Package(id).Manifest(id);
        Assert.Equal((id, PackageFile.Version), (Of("id"), Of("version")));
        Assert.Equal(("MIT", "expression"), (Of("license"), Element("license")!.Attribute("type")!.Value));
        Assert.Equal(("icon.png", "README.md"), (Of("icon"), Of("readme")));
        Assert.Contains("CHANGELOG.md", Of("releaseNotes"), StringComparison.Ordinal);
        Assert.Contains("P2P.Libraries contributors", Of("copyright"), StringComparison.Ordinal);
        Assert.InRange(Of("description").Length, 60, 400);
        Assert.InRange(Of("tags").Split(' ').Length, 5, 12);

        string Of(string name) => Element(name)?.Value ?? "";
        XElement? Element(string name) => manifest.Elements().SingleOrDefault(element => element.Name.LocalName == name);
    }

    [Fact]
    public void Each_package_has_tags_of_its_own() =>
        Assert.Distinct(Promises.Packages.Select(id => PackageFile.Package(id).Manifest(id).Elements().Single(element => element.Name.LocalName == "tags").Value));

    [Theory]
    [MemberData(nameof(Packages))]
    public void A_package_brings_along_what_it_promises_and_nothing_else(string id)
    {
        var manifest = PackageFile.Package(id).Manifest(id);
        var group = Assert.Single(manifest.Descendants(), element => element.Name.LocalName == "group" && element.Parent!.Name.LocalName == "dependencies");
        Assert.Equal("net10.0", group.Attribute("targetFramework")!.Value);
        var dependencies = group.Elements().ToDictionary(dependency => dependency.Attribute("id")!.Value, dependency => dependency.Attribute("version")!.Value);
        Assert.Equal(Promises.Dependencies[id].Order(StringComparer.Ordinal), dependencies.Keys.Order(StringComparer.Ordinal));
        Assert.All(dependencies.Where(dependency => dependency.Key.StartsWith("P2P.", StringComparison.Ordinal)), dependency => Assert.Equal(PackageFile.Version, dependency.Value));

        string[] frameworks = [.. manifest.Descendants().Where(element => element.Name.LocalName == "frameworkReference").Select(reference => reference.Attribute("name")!.Value)];
        Assert.Equal(Promises.NeedsWebFramework(id) ? ["Microsoft.AspNetCore.App"] : [], frameworks);
    }

    [Theory]
    [MemberData(nameof(Packages))]
    public void An_icon_is_a_square_of_256_pixels(string id)
    {
        var icon = PackageFile.Package(id)["icon.png"];
        Assert.Equal([0x89, (byte)'P', (byte)'N', (byte)'G'], icon[..4]);
        Assert.Equal([0, 0, 1, 0, 0, 0, 1, 0], icon[16..24]);
    }
}
