using System.Xml.Linq;
using P2P.Bloom;
using P2P.Past;
using P2P.Pastry;
using P2P.Scribe;
using P2P.YouSearch;
using P2P.YouServ;

namespace Architecture.Tests;

/// <summary>Dependencies point down: Bloom ← Pastry ← {PAST, SCRIBE}; YouServ, a stack of its own, stands on ASP.NET Core; Bloom ← YouSearch → YouServ.</summary>
public sealed class DependencyTests
{
    private static readonly string[] Abstractions =
    [
        "Microsoft.Extensions.DependencyInjection.Abstractions",
        "Microsoft.Extensions.Diagnostics.Abstractions",
        "Microsoft.Extensions.Hosting.Abstractions",
        "Microsoft.Extensions.Logging.Abstractions",
        "Microsoft.Extensions.Options",
    ];

    private const string WebFramework = "Microsoft.AspNetCore.App";

    /// <summary>What a package may refer to beside the framework. A package inherits what those below it may.</summary>
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Bloom"] = [],
        ["Pastry"] = ["P2P.Bloom", "MessagePack", .. Abstractions],
        ["Scribe"] = ["P2P.Pastry", "MessagePack", .. Abstractions],
        ["Past"] = ["P2P.Bloom", "P2P.Pastry", "MessagePack", "Microsoft.Data.Sqlite", "SQLitePCLRaw.core", .. Abstractions],
        ["YouServ"] = ["Microsoft.AspNetCore.App", "Microsoft.Data.Sqlite", "SQLitePCLRaw.core", "Npgsql"],
        ["YouSearch"] = ["P2P.Bloom", "P2P.YouServ", "Microsoft.AspNetCore.App", "Microsoft.Data.Sqlite", "SQLitePCLRaw.core", "AngleSharp"],
    };

    public static TheoryData<string> Packages => [.. Repository.Packages()];

    [Theory]
    [MemberData(nameof(Packages))]
    public void A_project_refers_only_to_what_its_place_in_the_house_allows(string package)
    {
        var project = XDocument.Parse(Repository.Read($"src/{package}/{package}.csproj"));
        var references = project.Descendants().Where(element => element.Name.LocalName is "PackageReference" or "FrameworkReference").Select(reference => reference.Attribute("Include")!.Value)
            .Concat(project.Descendants("ProjectReference").Select(reference => $"P2P.{Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value)}"));
        Assert.True(Allowed.ContainsKey(package), $"src/{package} has no place yet: say in {nameof(DependencyTests)} what it may refer to.");
        Assert.Empty(references.Except(Allowed[package]));
    }

    [Theory]
    [InlineData("Bloom", typeof(BloomFilter))]
    [InlineData("Pastry", typeof(PastryException))]
    [InlineData("Past", typeof(PastException))]
    [InlineData("Scribe", typeof(ScribeException))]
    [InlineData("YouServ", typeof(YouServException))]
    [InlineData("YouSearch", typeof(YouSearchException))]
    public void An_assembly_refers_only_to_what_its_place_in_the_house_allows(string package, Type inPackage)
    {
        var references = inPackage.Assembly.GetReferencedAssemblies().Select(reference => reference.Name!).Where(name => !IsFramework(name) && !(Allowed[package].Contains(WebFramework) && IsWebFramework(name)));
        Assert.Empty(references.Except(Allowed[package]));
    }

    /// <summary>Only the low-level reader and writer keep trimming and native compilation possible, and hostile bytes away from types.</summary>
    [Theory]
    [MemberData(nameof(Packages))]
    public void Of_MessagePack_only_the_reader_and_the_writer_are_used(string package)
    {
        string[] forbidden = ["MessagePackSerializer.", "MessagePackObject", "IMessagePackFormatter", "MessagePack.Resolvers", "TypelessContractless"];
        Assert.Empty(
            from file in Repository.Files($"src/{package}", "*.cs")
            let code = CodeText.CodeOf(Repository.Read(file))
            from word in forbidden
            where code.Contains(word, StringComparison.Ordinal)
            select $"{file}: {word}");
    }

    internal static bool IsFramework(string name) => File.Exists(Path.Combine(CoreFolder, $"{name}.dll"));

    internal static bool IsWebFramework(string name) =>
        File.Exists(Path.Combine(CoreFolder.Replace("Microsoft.NETCore.App", WebFramework, StringComparison.Ordinal), $"{name}.dll"));

    private static string CoreFolder => Path.GetDirectoryName(typeof(object).Assembly.Location)!;
}
