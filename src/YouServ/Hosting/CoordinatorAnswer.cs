using P2P.YouServ.Wire;

namespace P2P.YouServ.Hosting;

/// <summary>What a coordinator has answered, if one has.</summary>
internal sealed record CoordinatorAnswer<T>(T? Reply, Problem? Problem, bool IsSilent)
    where T : class
{
    /// <summary>Whether the coordinator has done what it was asked for.</summary>
    public bool IsDone => !IsSilent && Problem is null;

    /// <summary>What went wrong, for people.</summary>
    public string Detail => Problem?.Detail ?? "";

    public static CoordinatorAnswer<T> Done(T? reply) => new(reply, null, IsSilent: false);

    public static CoordinatorAnswer<T> Refused(Problem problem) => new(null, problem, IsSilent: false);

    public static CoordinatorAnswer<T> Silent(string detail) => new(null, new("silent", detail), IsSilent: true);
}
