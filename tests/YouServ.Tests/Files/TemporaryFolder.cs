namespace YouServ.Tests.Files;

/// <summary>A folder that goes away at the end of a test, with a second one beside it that nobody may get at.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private readonly string _path = Directory.CreateTempSubdirectory("youserv-").FullName;

    public TemporaryFolder()
    {
        Directory.CreateDirectory(Root);
        Directory.CreateDirectory(Outside);
        File.WriteAllText(Path.Combine(Outside, "secret.txt"), Secret);
    }

    public const string Secret = "outside of the site";

    public string Root => Path.Combine(_path, "site");

    public string Outside => Path.Combine(_path, "outside");

    public string Write(string name, string content) => Write(name, System.Text.Encoding.UTF8.GetBytes(content));

    public string Write(string name, byte[] content)
    {
        var path = NameOf(name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, content);
        return path;
    }

    public string NameOf(string name) => Path.Combine(Root, name);

    public void Link(string name, string target) => File.CreateSymbolicLink(NameOf(name), target);

    public void Dispose() => Directory.Delete(_path, recursive: true);
}
