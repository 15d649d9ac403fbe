using System.CommandLine;
using QuickStart;

var input = new Option<DirectoryInfo?>("--input") { Description = "The folder to store. Default: this repository's src." };
var nodes = new Option<int>("--nodes") { Description = "How many nodes the ring has, 6 to 64.", DefaultValueFactory = _ => 12 };
var work = new Option<DirectoryInfo?>("--work") { Description = "Where the nodes keep their replicas. Default: a temporary folder, removed at the end." };
var unattended = new Option<bool>("--unattended") { Description = "Prints no animation." };
var root = new RootCommand("Stores a folder in a ring of Pastry nodes over TCP and TLS, stops nodes, and gets it back byte for byte.")
{
    input,
    nodes,
    work,
    unattended,
};
root.SetAction(async (arguments, cancellationToken) =>
{
    var count = arguments.GetValue(nodes);
    if (count is < 6 or > 64)
    {
        await Console.Error.WriteLineAsync($"--nodes is {count}; it must be 6 to 64.");
        return 2;
    }

    var folder = arguments.GetValue(input)?.FullName ?? Defaults.SourceFolder();
    if (!Directory.Exists(folder))
    {
        await Console.Error.WriteLineAsync($"The folder '{folder}' does not exist; name one with --input.");
        return 2;
    }

    using var screen = new Screen(arguments.GetValue(unattended));
    return await new Tour(folder, count, arguments.GetValue(work)?.FullName, screen).RunAsync(cancellationToken) ? 0 : 1;
});
return await root.Parse(args).InvokeAsync();
