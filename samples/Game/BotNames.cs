namespace Game;

/// <summary>Gives bots names that one can tell apart.</summary>
internal static class BotNames
{
    private static readonly string[] Names =
    [
        "Ada", "Alan", "Barbara", "Butler", "Claude", "Dana", "Dijkstra", "Donald", "Edsger", "Erna", "Frances", "Grace", "Hedy", "Hopper", "Ivan", "Jean", "John", "Karen", "Katherine", "Kathleen",
        "Ken", "Konrad", "Leslie", "Linus", "Lovelace", "Margaret", "Mary", "Noether", "Niklaus", "Peter", "Radia", "Richard", "Robin", "Ron", "Shafi", "Sophie", "Stephen", "Tim", "Tony", "Vint",
    ];

    /// <summary>Gives as many names as are wanted, none of which is the person's.</summary>
    public static IEnumerable<string> Beside(string person) =>
        Enumerable.Range(0, int.MaxValue).Select(index => index < Names.Length ? Names[index] : $"{Names[index % Names.Length]} {(index / Names.Length) + 1}").Where(name => name != person);
}
