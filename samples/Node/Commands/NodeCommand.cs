using System.CommandLine;

namespace NodeSample.Commands;

/// <summary>Is the program's command line with all its verbs.</summary>
internal static class NodeCommand
{
    public static RootCommand Create() => new("Runs a node of a Pastry ring that keeps files for the others, and stores and finds files through one.")
    {
        RunCommand.Create(),
        PutCommand.Create(),
        GetCommand.Create(),
        ReclaimCommand.Create(),
        QuotaCommand.Create(),
        StatusCommand.Create(),
        HealthCommand.Create(),
        RetireCommand.Create(),
        ScrubCommand.Create(),
        IdentityCommand.Create(),
        AuthorityCommand.Create(),
    };
}
