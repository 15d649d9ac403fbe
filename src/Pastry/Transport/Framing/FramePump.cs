namespace P2P.Pastry.Transport.Framing;

/// <summary>Carries frames within the process: from a queue to the nodes they are for.</summary>
internal static class FramePump
{
    /// <summary>Runs until the queue is closed and empty. What a node's handler waits for holds back this queue only.</summary>
    public static async Task RunAsync(FrameQueue queue, IFrameSink sink)
    {
        using var receiver = new FrameReceiver(sink);
        while (await queue.WaitAsync().ConfigureAwait(false))
        {
            var frames = queue.Take();
            while (frames.Length > 0)
            {
                var room = receiver.GetRoom();
                var count = Math.Min(room.Length, frames.Length);
                frames[..count].CopyTo(room);
                frames = frames[count..];
                await receiver.AdvanceAsync(count).ConfigureAwait(false);
            }

            queue.Recycle();
        }
    }
}
