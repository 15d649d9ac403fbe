namespace P2P.YouServ.Http.Files;

/// <summary>Tells one state of a file from every other: what is read between two equal stamps has not changed.</summary>
/// <param name="Device">The file system; zero where the system does not say.</param>
/// <param name="Node">The file's number in it; zero where the system does not say.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Modified">When the content changed, in nanoseconds since 1970.</param>
/// <param name="Changed">When the content, the name or the rights changed, in nanoseconds since 1970.</param>
internal readonly record struct FileStamp(ulong Device, ulong Node, long Length, long Modified, long Changed)
{
    private const long NanosecondsPerTick = 100;

    public DateTimeOffset ModifiedAt => DateTimeOffset.UnixEpoch.AddTicks(Math.Clamp(Modified / NanosecondsPerTick, 0, TicksMax));

    public DateTimeOffset ChangedAt => DateTimeOffset.UnixEpoch.AddTicks(Math.Clamp(Changed / NanosecondsPerTick, 0, TicksMax));

    private static long TicksMax => (DateTimeOffset.MaxValue - DateTimeOffset.UnixEpoch).Ticks;

    public static long NanosecondsOf(DateTimeOffset instant) => (instant - DateTimeOffset.UnixEpoch).Ticks * NanosecondsPerTick;
}
