namespace P2P.YouServ.Hosting;

/// <summary>Notes since when something fails that is tried again and again.</summary>
internal sealed class Trouble
{
    private volatile object? _since;

    /// <summary>When it failed first of the times in a row; null where it worked last.</summary>
    public DateTimeOffset? Since => (DateTimeOffset?)_since;

    public void Begin(DateTimeOffset now) => _since ??= now;

    public void End() => _since = null;
}
