namespace P2P.YouServ.Protocol;

/// <summary>A part of a file.</summary>
/// <param name="First">Where it begins.</param>
/// <param name="Length">How many bytes it has, at least one.</param>
internal readonly record struct ByteRange(long First, long Length)
{
    public long Last => First + Length - 1;
}
