using System.CommandLine;
using BackupTool.Repository;

namespace BackupTool.Commands;

/// <summary>Are the options by which a verb means only snapshots of some machine, of some paths, or with some word.</summary>
internal sealed class SnapshotFilter
{
    private readonly Option<string?> _host = new("--host") { Description = "Only snapshots of this machine.", HelpName = "NAME" };

    private readonly Option<string[]> _paths = new("--path") { Description = "Only snapshots of this path.", HelpName = "PATH", DefaultValueFactory = _ => [] };

    private readonly Option<string[]> _tags = new("--tag") { Description = "Only snapshots with this tag.", HelpName = "TAG", DefaultValueFactory = _ => [] };

    public void AddTo(Command command)
    {
        command.Add(_host);
        command.Add(_paths);
        command.Add(_tags);
    }

    /// <summary>Leaves out of a catalog what is not meant.</summary>
    public Catalog Apply(ParseResult arguments, Catalog catalog)
    {
        var (host, tags) = (arguments.GetValue(_host), arguments.GetRequiredValue(_tags));
        var paths = arguments.GetRequiredValue(_paths).Select(path => Path.TrimEndingDirectorySeparator(Path.GetFullPath(path))).ToArray();
        return catalog with
        {
            Snapshots = [.. catalog.Snapshots.Where(snapshot => (host is null || snapshot.Host == host) && paths.All(snapshot.Paths.Contains) && tags.All(snapshot.Tags.Contains))],
        };
    }
}
