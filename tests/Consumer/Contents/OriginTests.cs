using System.IO.Compression;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Runtime.CompilerServices;
using System.Text;

namespace Consumer.Contents;

/// <summary>A package names the commit that it was made of and has all sources in its symbols, and nothing in it tells on which machine, or in which folder, that was done.</summary>
public sealed class OriginTests
{
    /// <summary>The Portable PDB format's names of what stands beside a document, or beside all.</summary>
    private static readonly Guid EmbeddedSource = new("0E8A571B-6926-466E-B4AD-8AB04611F5FE");
    private static readonly Guid SourceLink = new("CC110556-A091-4D38-9FEC-25AB9A351A6A");

    /// <summary>The clone that this was built in, which is where the packages were, and the home of whoever did it.</summary>
    private static readonly string[] Folders =
    [
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(ThisFile())!, "../../..")),
        Environment.GetFolderPath(Environment.SpecialFolder.UserProfile) + Path.DirectorySeparatorChar,
    ];

    public static TheoryData<string> Packages => [.. Promises.Packages];

    [Theory]
    [MemberData(nameof(Packages))]
    public void A_package_and_its_library_name_the_commit(string id)
    {
        var package = PackageFile.Package(id);
        var repository = Assert.Single(package.Manifest(id).Elements(), element => element.Name.LocalName == "repository");
        var commit = repository.Attribute("commit")?.Value ?? "";
        Assert.Equal("git", repository.Attribute("type")!.Value);
        Assert.Matches("^[0-9a-f]{40}$", commit);
        Assert.Null(repository.Attribute("url"));

        var library = Assembly.Load(new AssemblyName(id));
        Assert.Equal($"{PackageFile.Version}+{commit}", library.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion);
    }

    [Theory]
    [MemberData(nameof(Packages))]
    public void Symbols_have_all_sources_under_paths_of_no_machine(string id)
    {
        using var provider = ReadSymbols(id);
        var symbols = provider.GetMetadataReader();
        Assert.NotEmpty(symbols.Documents);
        Assert.All(symbols.Documents, handle =>
        {
            Assert.StartsWith("/_/", symbols.GetString(symbols.GetDocument(handle).Name), StringComparison.Ordinal);
            Assert.Contains(EmbeddedSource, KindsOf(symbols, handle));
        });
        Assert.DoesNotContain(SourceLink, KindsOf(symbols, EntityHandle.ModuleDefinition));
    }

    [Theory]
    [MemberData(nameof(Packages))]
    public void A_library_finds_its_symbols_without_telling_where_they_were(string id)
    {
        using var library = new PEReader(new MemoryStream(PackageFile.Package(id)[$"lib/net10.0/{id}.dll"]));
        var entry = Assert.Single(library.ReadDebugDirectory(), entry => entry.Type == DebugDirectoryEntryType.CodeView);
        Assert.StartsWith("/_/", library.ReadCodeViewDebugDirectoryData(entry).Path, StringComparison.Ordinal);
        Assert.Contains(library.ReadDebugDirectory(), entry => entry.Type == DebugDirectoryEntryType.Reproducible);
    }

    [Theory]
    [MemberData(nameof(Packages))]
    public void Nothing_in_a_package_names_a_folder_of_the_machine(string id)
    {
        foreach (var file in (PackageFile[])[PackageFile.Package(id), PackageFile.Symbols(id)])
        {
            Assert.All(file.Names, name => AssertNamesNoFolder(file[name]));
        }

        using var provider = ReadSymbols(id);
        var symbols = provider.GetMetadataReader();
        Assert.All(symbols.Documents, handle => AssertNamesNoFolder(SourceOf(symbols, handle)));
    }

    private static void AssertNamesNoFolder(ReadOnlySpan<byte> content)
    {
        foreach (var folder in Folders)
        {
            Assert.Equal(-1, content.IndexOf(Encoding.UTF8.GetBytes(folder)));
            Assert.Equal(-1, content.IndexOf(Encoding.Unicode.GetBytes(folder)));
        }
    }

    private static MetadataReaderProvider ReadSymbols(string id) => MetadataReaderProvider.FromPortablePdbStream(new MemoryStream(PackageFile.Symbols(id)[$"lib/net10.0/{id}.pdb"]));

    private static IEnumerable<CustomDebugInformation> InformationOn(MetadataReader symbols, EntityHandle handle) => symbols.GetCustomDebugInformation(handle).Select(symbols.GetCustomDebugInformation);

    private static IEnumerable<Guid> KindsOf(MetadataReader symbols, EntityHandle handle) => InformationOn(symbols, handle).Select(information => symbols.GetGuid(information.Kind));

    /// <summary>Reads a source that is embedded: behind its length, which is none where it is not compressed.</summary>
    private static byte[] SourceOf(MetadataReader symbols, DocumentHandle handle)
    {
        var bytes = symbols.GetBlobBytes(InformationOn(symbols, handle).Single(information => symbols.GetGuid(information.Kind) == EmbeddedSource).Value);
        if (BitConverter.ToInt32(bytes) == 0)
        {
            return bytes[sizeof(int)..];
        }

        using var source = new MemoryStream();
        using var compressed = new DeflateStream(new MemoryStream(bytes, sizeof(int), bytes.Length - sizeof(int)), CompressionMode.Decompress);
        compressed.CopyTo(source);
        return source.ToArray();
    }

    private static string ThisFile([CallerFilePath] string path = "") => path;
}
