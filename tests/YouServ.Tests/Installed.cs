namespace YouServ.Tests;

/// <summary>Finds programs that a test needs and a machine may lack.</summary>
internal static class Installed
{
    /// <summary>Gives a program's path. Where it is missing, the test is skipped; with P2P_REQUIRED=1, it fails.</summary>
    public static string Program(string name, string package)
    {
        var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Concat(["/usr/sbin", "/usr/local/sbin", "/usr/bin", .. PostgresFolders()])
            .Select(folder => Path.Combine(folder, name))
            .FirstOrDefault(File.Exists);
        var reason = $"{name} is not installed; Debian has it in the package {package}.";
        Assert.False(path is null && Environment.GetEnvironmentVariable("P2P_REQUIRED") == "1", reason);
        Skip.If(path is null, reason);
        return path!;
    }

    /// <summary>Debian keeps the programs of PostgreSQL's versions beside each other.</summary>
    private static IEnumerable<string> PostgresFolders() =>
        Directory.Exists("/usr/lib/postgresql") ? Directory.GetDirectories("/usr/lib/postgresql").Select(version => Path.Combine(version, "bin")) : [];
}
