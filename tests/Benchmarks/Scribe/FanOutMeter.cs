using System.Buffers.Binary;
using System.Diagnostics;

namespace Benchmarks.Scribe;

/// <summary>Counts what receivers get, each on a line of the cache of its own, and how long it was under way.</summary>
internal sealed class FanOutMeter(int receivers)
{
    public const int ContentLength = 256;

    private const int Stride = 16;
    private const int SamplesMax = 1 << 18;

    private readonly long[] _taken = new long[receivers * Stride];
    private readonly long[] _samples = new long[SamplesMax];
    private int _sampled = SamplesMax;

    /// <summary>How much a publisher may be ahead of the slowest receiver, in messages, where nothing else holds it back.</summary>
    public static int AheadMax => 4096;

    /// <summary>How many messages the slowest receiver has.</summary>
    public long Slowest
    {
        get
        {
            var slowest = long.MaxValue;
            for (var i = 0; i < receivers; i++)
            {
                slowest = Math.Min(slowest, Volatile.Read(ref _taken[i * Stride]));
            }

            return slowest;
        }
    }

    /// <summary>Writes the time into a message.</summary>
    public static void Stamp(Span<byte> content) => BinaryPrimitives.WriteInt64LittleEndian(content, Stopwatch.GetTimestamp());

    /// <summary>Notes that a receiver has got a message.</summary>
    public void Take(int receiver, ReadOnlySpan<byte> content)
    {
        _taken[receiver * Stride]++;
        if (_sampled < SamplesMax && Interlocked.Increment(ref _sampled) is var index && index <= SamplesMax)
        {
            _samples[index - 1] = Stopwatch.GetTimestamp() - BinaryPrimitives.ReadInt64LittleEndian(content);
        }
    }

    /// <summary>Measures while a publisher is busy.</summary>
    /// <param name="duration">How long.</param>
    /// <param name="messagesPerBatch">Tells how many messages were signed together.</param>
    /// <param name="otherCpu">Tells the time that other processes have used for it.</param>
    public async Task<Flood> MeasureFloodAsync(TimeSpan duration, Func<double>? messagesPerBatch = null, Func<TimeSpan>? otherCpu = null)
    {
        using var process = Process.GetCurrentProcess();
        var taken = Total();
        var allocated = GC.GetTotalAllocatedBytes();
        process.Refresh();
        var cpu = process.TotalProcessorTime + (otherCpu?.Invoke() ?? default);
        var started = Stopwatch.GetTimestamp();
        await Task.Delay(duration);
        taken = Total() - taken;
        var elapsed = Stopwatch.GetElapsedTime(started).TotalSeconds;
        process.Refresh();
        cpu = process.TotalProcessorTime + (otherCpu?.Invoke() ?? default) - cpu;
        allocated = GC.GetTotalAllocatedBytes() - allocated;
        return new Flood(taken / elapsed, cpu.TotalMicroseconds / Math.Max(1, taken), (double)allocated / Math.Max(1, taken), messagesPerBatch?.Invoke() ?? 1);
    }

    /// <summary>Has messages published at a pace, and measures how long they were under way.</summary>
    public async Task<Pace> MeasurePaceAsync(int perSecond, TimeSpan duration, Func<byte[], Task> publish)
    {
        var content = new byte[ContentLength];
        using var clock = new PeriodicTimer(TimeSpan.FromSeconds(1.0 / perSecond));
        for (var left = (int)(perSecond * duration.TotalSeconds); left > 0 && await clock.WaitForNextTickAsync(); left--)
        {
            if (left == (int)(perSecond * duration.TotalSeconds) - perSecond / 4)
            {
                // What came first warmed up.
                Volatile.Write(ref _sampled, 0);
            }

            Stamp(content);
            await publish(content);
        }

        await Task.Delay(300);
        var count = Math.Min(Volatile.Read(ref _sampled), SamplesMax);
        Volatile.Write(ref _sampled, SamplesMax);
        var samples = _samples.AsSpan(0, count).ToArray();
        Array.Sort(samples);
        return new Pace(At(0.5), At(0.99), At(1), count);

        double At(double fraction) => count == 0 ? double.NaN : samples[(int)((count - 1) * fraction)] * 1000.0 / Stopwatch.Frequency;
    }

    private long Total()
    {
        var total = 0L;
        for (var i = 0; i < receivers; i++)
        {
            total += Volatile.Read(ref _taken[i * Stride]);
        }

        return total;
    }
}
