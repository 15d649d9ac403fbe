using P2P.YouServ.Wire;

namespace P2P.YouServ.Protocol;

/// <summary>
/// Keeps the books of one end of a tunnel: which lanes there are, how many bytes each may still send, and how many the other end may. The proxy opens lanes, with numbers that rise from 1; the
/// peer behind the firewall takes them.
/// </summary>
/// <param name="isProxy">Whether this is the end that opens lanes.</param>
/// <param name="lanesMax">How many lanes there are at most.</param>
/// <param name="window">How many bytes of a lane may be on their way, or wait to be read.</param>
internal sealed class TunnelMachine(bool isProxy, int lanesMax, int window)
{
    private readonly Dictionary<uint, Lane> _lanes = [];
    private uint _last;
    private bool _isLeaving;

    public int LaneCount => _lanes.Count;

    /// <summary>Opens a lane.</summary>
    /// <returns>Its number; 0 if there are too many, or if the other end is leaving.</returns>
    public uint Open()
    {
        if (_isLeaving || _lanes.Count >= lanesMax || _last == uint.MaxValue)
        {
            return 0;
        }

        _lanes.Add(++_last, new Lane(window));
        return _last;
    }

    /// <summary>Takes note of a frame that came.</summary>
    public TunnelVerdict Receive(TunnelFrame frame)
    {
        if (!frame.IsSound || (frame.Lane == 0) != (frame.Kind is TunnelFrameKind.Ping or TunnelFrameKind.Pong or TunnelFrameKind.Leave))
        {
            return TunnelVerdict.Break;
        }

        switch (frame.Kind)
        {
            case TunnelFrameKind.Ping or TunnelFrameKind.Pong:
                return TunnelVerdict.Take;
            case TunnelFrameKind.Leave:
                _isLeaving = true;
                return TunnelVerdict.Take;
            case TunnelFrameKind.Open:
                return Opened(frame.Lane);
        }

        if (!_lanes.TryGetValue(frame.Lane, out var lane))
        {
            // Frames of a lane that was just given up are under way; of one that never was, they come from nowhere.
            return frame.Lane <= _last ? TunnelVerdict.PassOver : TunnelVerdict.Break;
        }

        switch (frame.Kind)
        {
            case TunnelFrameKind.Data:
                lane.MayReceive -= (int)frame.Value;
                return lane.MayReceive < 0 || lane.HasRemoteEnded ? TunnelVerdict.Break : TunnelVerdict.Take;
            case TunnelFrameKind.Credit:
                lane.MaySend += frame.Value;
                return lane.MaySend > window ? TunnelVerdict.Break : TunnelVerdict.Take;
            case TunnelFrameKind.End:
                if (lane.HasRemoteEnded)
                {
                    return TunnelVerdict.Break;
                }

                lane.HasRemoteEnded = true;
                Forget(frame.Lane, lane);
                return TunnelVerdict.Take;
            default:
                _lanes.Remove(frame.Lane);
                return TunnelVerdict.Take;
        }
    }

    /// <summary>Says how many bytes a lane may send now.</summary>
    /// <returns>The number; negative if the lane is gone.</returns>
    public int MaySend(uint number) => _lanes.TryGetValue(number, out var lane) ? (int)lane.MaySend : -1;

    /// <summary>Bytes of a lane were sent.</summary>
    public void Sent(uint number, int bytes)
    {
        if (_lanes.TryGetValue(number, out var lane))
        {
            lane.MaySend -= bytes;
        }
    }

    /// <summary>Bytes of a lane were read by whom they are for.</summary>
    /// <returns>How much credit to give for it now; 0 as long as half of the window is open.</returns>
    public uint Consumed(uint number, long bytes)
    {
        if (!_lanes.TryGetValue(number, out var lane) || lane.HasRemoteEnded)
        {
            return 0;
        }

        lane.Owed += bytes;
        if (lane.Owed < window / 2)
        {
            return 0;
        }

        var credit = (uint)lane.Owed;
        lane.MayReceive += (int)lane.Owed;
        lane.Owed = 0;
        return credit;
    }

    /// <summary>This end sends no more on a lane.</summary>
    /// <returns>Whether the other end is to be told: it is not where the lane is gone.</returns>
    public bool End(uint number)
    {
        if (!_lanes.TryGetValue(number, out var lane) || lane.HasEnded)
        {
            return false;
        }

        lane.HasEnded = true;
        Forget(number, lane);
        return true;
    }

    /// <summary>This end gives a lane up.</summary>
    /// <returns>Whether the other end is to be told.</returns>
    public bool Reset(uint number) => _lanes.Remove(number);

    private TunnelVerdict Opened(uint number)
    {
        if (isProxy || number <= _last)
        {
            return TunnelVerdict.Break;
        }

        _last = number;
        if (_lanes.Count >= lanesMax)
        {
            return TunnelVerdict.Refuse;
        }

        _lanes.Add(number, new Lane(window));
        return TunnelVerdict.Take;
    }

    private void Forget(uint number, Lane lane)
    {
        if (lane.HasEnded && lane.HasRemoteEnded)
        {
            _lanes.Remove(number);
        }
    }

    private sealed class Lane(int window)
    {
        public long MaySend { get; set; } = window;

        public int MayReceive { get; set; } = window;

        /// <summary>Bytes that were read, and for which no credit was given yet.</summary>
        public long Owed { get; set; }

        public bool HasEnded { get; set; }

        public bool HasRemoteEnded { get; set; }
    }
}
