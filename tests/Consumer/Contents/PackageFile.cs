using System.IO.Compression;
using System.Reflection;
using System.Text;
using System.Xml.Linq;

namespace Consumer.Contents;

/// <summary>Is a file of the feed, opened: a package, or its symbols.</summary>
internal sealed class PackageFile
{
    private readonly Dictionary<string, byte[]> _files;

    private PackageFile(string path)
    {
        using var archive = ZipFile.OpenRead(path);
        _files = archive.Entries.ToDictionary(entry => entry.FullName, ReadAll, StringComparer.Ordinal);
    }

    /// <summary>The version that all packages of the family have.</summary>
    public static string Version { get; } = Metadata("Version");

    /// <summary>The names of all files but those by which every package describes itself as an archive.</summary>
    public IReadOnlyList<string> Names =>
        [.. _files.Keys.Where(name => name != "[Content_Types].xml" && !name.StartsWith("_rels/", StringComparison.Ordinal) && !name.StartsWith("package/", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    public byte[] this[string name] => _files[name];

    public static PackageFile Package(string id) => new(Path.Combine(Metadata("Feed"), $"{id}.{Version}.nupkg"));

    public static PackageFile Symbols(string id) => new(Path.Combine(Metadata("Feed"), $"{id}.{Version}.snupkg"));

    /// <summary>Lists the packages that the feed has, by their files' names.</summary>
    public static IReadOnlyList<string> List(string extension) =>
        [.. Directory.EnumerateFiles(Metadata("Feed"), $"*.{extension}").Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    public string Text(string name) => Encoding.UTF8.GetString(this[name]).TrimStart('\uFEFF');

    /// <summary>Reads what a package says of itself.</summary>
    public XElement Manifest(string id) => XDocument.Parse(Text($"{id}.nuspec")).Root!.Elements().Single();

    private static byte[] ReadAll(ZipArchiveEntry entry)
    {
        using var content = new MemoryStream();
        using var stream = entry.Open();
        stream.CopyTo(content);
        return content.ToArray();
    }

    private static string Metadata(string key) =>
        typeof(PackageFile).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == key).Value!;
}
