using P2P.YouSearch.Protocol;

namespace P2P.YouSearch.Hosting;

/// <summary>Is what a front knows of one of those who hold a vector.</summary>
internal sealed class HeldVector(int index, IVectorLink link)
{
    private readonly SiteSet[] _current = [new(), new()];

    /// <summary>Which vector it holds.</summary>
    public int Index { get; } = index;

    public IVectorLink Link { get; } = link;

    /// <summary>What the holder says to be its epoch; null before it was heard.</summary>
    public ulong? Epoch { get; private set; }

    /// <summary>Whether it did not answer last.</summary>
    public bool IsLost { get; set; }

    /// <summary>The sites whose present vector it certainly has.</summary>
    public SiteSet Current(SummaryScope scope) => _current[(int)scope];

    /// <summary>Notes in which epoch it is: in a new one it has nothing.</summary>
    /// <returns>Whether it is a new one.</returns>
    public bool Note(ulong epoch)
    {
        if (epoch == Epoch)
        {
            return false;
        }

        Epoch = epoch;
        foreach (var current in _current)
        {
            current.Clear();
        }

        return true;
    }
}
