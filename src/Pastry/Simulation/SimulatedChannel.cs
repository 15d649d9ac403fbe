using System.Threading.Channels;

namespace P2P.Pastry.Simulation;

/// <summary>
/// Is a bounded channel within a simulation: whoever waits at its reading end goes on in an event of its own, on the simulation's thread, and never
/// within the handler that wrote.
/// </summary>
internal sealed class SimulatedChannel<T> : Channel<T>
{
    public SimulatedChannel(PastrySimulation simulation, BoundedChannelOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.AllowSynchronousContinuations = true;
        var channel = Channel.CreateBounded<T>(options);
        Writer = channel.Writer;
        Reader = new EventReader(simulation, channel.Reader);
    }

    private sealed class EventReader(PastrySimulation simulation, ChannelReader<T> reader) : ChannelReader<T>
    {
        public override bool CanCount => reader.CanCount;

        public override bool CanPeek => reader.CanPeek;

        public override int Count => reader.Count;

        public override Task Completion => reader.Completion;

        public override bool TryRead(out T item) => reader.TryRead(out item!);

        public override bool TryPeek(out T item) => reader.TryPeek(out item!);

        public override ValueTask<bool> WaitToReadAsync(CancellationToken cancellationToken = default)
        {
            var waiting = reader.WaitToReadAsync(cancellationToken);
            return waiting.IsCompleted ? waiting : InEventAsync(waiting);
        }

        private async ValueTask<bool> InEventAsync(ValueTask<bool> waiting)
        {
            try
            {
                return await waiting.ConfigureAwait(false);
            }
            finally
            {
                var turn = new TaskCompletionSource();
                simulation.StartWork(TimeSpan.Zero, turn.SetResult);
                await turn.Task.ConfigureAwait(false);
            }
        }
    }
}
