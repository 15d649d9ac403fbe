using System.Diagnostics;

namespace Benchmarks.Overload;

/// <summary>Counts messages that arrive for the first time, and how long they took, from any thread.</summary>
internal sealed class LoadMeter
{
    private const int SamplesMax = 1 << 20;
    private const int NumbersMax = 1 << 30;

    private readonly ulong[] _seen = new ulong[NumbersMax / 64];
    private readonly long[] _samples = new long[SamplesMax];
    private long _numbers;
    private long _arrived;
    private long _twice;

    /// <summary>How many have arrived since the count was reset.</summary>
    public long ArrivedCount => Interlocked.Read(ref _arrived);

    /// <summary>How many arrived once more.</summary>
    public long TwiceCount => Interlocked.Read(ref _twice);

    /// <summary>Gives numbers to so many messages.</summary>
    public long Number(int count) => Interlocked.Add(ref _numbers, count) - count;

    public void Arrived(long number, long sentAt)
    {
        var bit = 1UL << (int)(number % 64);
        if ((Interlocked.Or(ref _seen[number / 64 % _seen.Length], bit) & bit) != 0)
        {
            Interlocked.Increment(ref _twice);
            return;
        }

        var index = Interlocked.Increment(ref _arrived) - 1;
        _samples[index % SamplesMax] = Stopwatch.GetTimestamp() - sentAt;
    }

    public void Reset()
    {
        Interlocked.Exchange(ref _arrived, 0);
        Interlocked.Exchange(ref _twice, 0);
    }

    /// <summary>Gives the time, in milliseconds, within which this fraction arrived.</summary>
    public double Latency(double fraction)
    {
        var samples = _samples.AsSpan(0, (int)Math.Min(ArrivedCount, SamplesMax)).ToArray();
        Array.Sort(samples);
        return samples.Length == 0 ? double.NaN : samples[(int)((samples.Length - 1) * fraction)] * 1000.0 / Stopwatch.Frequency;
    }
}
