using Microsoft.Extensions.Logging;
using P2P.Pastry.Protocol;
using P2P.Pastry.Transport;

namespace P2P.Pastry;

/// <summary>Is the modules of a node. What one of them throws stays with it.</summary>
internal sealed partial class ModuleSet(IEnumerable<IPastryModule> modules, ILogger logger)
{
    private readonly ILogger _logger = logger;
    private readonly Dictionary<PastryApplicationId, IPastryModule> _modules = modules.ToDictionary(module => module.Application.Id);

    public IEnumerable<PastryApplication> Applications => _modules.Values.Select(module => module.Application);

    public void Attach(PastryNode node)
    {
        foreach (var module in _modules.Values)
        {
            module.Attach(new NodePort(node, module.Application));
        }
    }

    public void Perform(ApplicationEffect effect)
    {
        try
        {
            _modules[effect.Application.Id].Perform(effect.Effect);
        }
        catch (Exception exception)
        {
            LogEffectFailed(exception, effect.Effect.GetType().Name);
        }
    }

    /// <returns>False where no module took the stream, which is the caller's to close.</returns>
    public bool TryAcceptStream(TransportStream stream, PastryApplicationId application)
    {
        if (!_modules.TryGetValue(application, out var module))
        {
            return false;
        }

        try
        {
            module.AcceptStream(stream);
            return true;
        }
        catch (Exception exception)
        {
            LogStreamRefused(exception, module.GetType().Name);
            return false;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var module in _modules.Values)
        {
            try
            {
                await module.DisposeAsync().ConfigureAwait(false);
            }
            catch (Exception exception)
            {
                LogDisposeFailed(exception, module.GetType().Name);
            }
        }
    }

    [LoggerMessage(2116, LogLevel.Error, "The effect {Effect} of an application could not be carried out.")]
    private partial void LogEffectFailed(Exception exception, string effect);

    [LoggerMessage(2119, LogLevel.Error, "{Module} could not take a stream; it is closed.")]
    private partial void LogStreamRefused(Exception exception, string module);

    [LoggerMessage(2118, LogLevel.Error, "{Module} could not be disposed of; the node stops all the same.")]
    private partial void LogDisposeFailed(Exception exception, string module);
}
