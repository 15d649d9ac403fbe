using Mono.Unix.Native;

namespace BackupTool.Files;

/// <summary>Counts time in nanoseconds since 1970, as a backup keeps it; what lies outside of the years 1678 to 2262 becomes the nearest that can be counted.</summary>
internal static class UnixTime
{
    private const long NanosecondsPerSecond = 1_000_000_000;
    private const long NanosecondsPerTick = 100;

    public static long ToNanoseconds(long seconds, long nanoseconds) =>
        (long)Int128.Clamp(((Int128)seconds * NanosecondsPerSecond) + nanoseconds, long.MinValue, long.MaxValue);

    public static long ToNanoseconds(DateTime time) =>
        (long)Int128.Clamp((Int128)(time - DateTime.UnixEpoch).Ticks * NanosecondsPerTick, long.MinValue, long.MaxValue);

    public static DateTime ToDateTime(long nanoseconds) => DateTime.UnixEpoch.AddTicks(nanoseconds / NanosecondsPerTick);

    /// <summary>Gives the two times that the system's calls set: of the last access and of the last change, both the same.</summary>
    public static Timespec[] ToTimespecs(long nanoseconds)
    {
        var seconds = Math.DivRem(nanoseconds, NanosecondsPerSecond, out var rest);
        var time = rest < 0 ? new Timespec { tv_sec = seconds - 1, tv_nsec = rest + NanosecondsPerSecond } : new Timespec { tv_sec = seconds, tv_nsec = rest };
        return [time, time];
    }
}
