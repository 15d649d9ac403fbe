namespace Game;

/// <summary>Gives bots names that one can tell apart.</summary>
internal static class BotNames
{
    private static readonly string[] Names =
    [
        "Ada", "Alan", "Barbara", "Butler", "Claude", "Dana", "Dijkstra", "Donald", "Edsger", "Erna", "Frances", "Grace", "Hedy", "Hopper", "Ivan", "Jean", "John", "Karen", "Katherine", "Kathleen",
        "Ken", "Konrad", "Leslie", "Linus", "Lovelace", "Margaret", "Mary", "Noether", "Niklaus", "Peter", "Radia", "Richard", "Robin", "Ron", "Shafi", "Sophie", "Stephen", "Tim", "Tony", "Vint",
    ];

    public static string Of(int index) => index < Names.Length ? Names[index] : $"{Names[index % Names.Length]} {(index / Names.Length) + 1}";
}
