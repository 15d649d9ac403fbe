using System.CommandLine;

namespace BackupTool.Commands;

/// <summary>Begins a repository.</summary>
internal static class InitCommand
{
    public static Command Create()
    {
        var replicas = new Option<int>("--replicas") { Description = "How many nodes are to hold each file, 1 to 17.", HelpName = "K", DefaultValueFactory = _ => 3 };
        replicas.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && !(int.TryParse(token.Value, out var count) && count is >= 1 and <= 17))
            {
                result.AddError("--replicas: expected 1 to 17.");
            }
        });
        var command = new Command("init", "Begins a repository, and prints its id: with the passphrase, all that is needed to restore from another machine.") { replicas };
        command.SetAction(async (arguments, cancellationToken) =>
        {
            var output = new Output(arguments);
            await using var session = await OpenSession.CreateAsync(arguments, arguments.GetValue(replicas), cancellationToken);
            var id = session.Repository.Id.ToString();
            output.Say("A repository has begun. Write down its id and the passphrase: whoever has both can restore, and without either nobody can.");
            output.Say($"The next commands find it with: export {CommonOptions.RepositoryVariable}={id}");
            if (!output.IsJson)
            {
                Console.WriteLine(id);
            }

            output.Emit("summary", new() { ["repository"] = id });
            return (int)ExitCode.Done;
        });
        return command;
    }
}
