using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using NodeSample.Control;
using NodeSample.Settings;

namespace NodeSample.Commands;

/// <summary>Shows how a running node is.</summary>
internal static class StatusCommand
{
    public static Command Create()
    {
        var json = new Option<bool>("--json") { Description = "Prints one line of JSON." };
        var wait = new Option<bool>("--wait-ready") { Description = "Waits until the node takes part in its ring." };
        var holds = FileIds.Option("--holds", "A file of which to tell whether the node holds a replica. May be repeated.");
        var command = new Command("status", "Shows the state of the node of a data directory.")
        {
            json, wait, holds, NodeSettings.DataSetting.Option, SettingsSources.ConfigOption,
        };
        command.SetAction(async (arguments, cancellationToken) =>
        {
            var data = NodeSettings.DataSetting.Read(SettingsSources.Load(arguments));
            var request = new StatusRequest([.. (arguments.GetValue(holds) ?? []).Select(id => id.ToString())], arguments.GetValue(wait));
            var status = (await ControlClient.AskAsync(data, request, cancellationToken)).Status!;
            Console.WriteLine(arguments.GetValue(json) ? JsonSerializer.Serialize(status, ControlFormat.Default.NodeStatus) : Describe(status));
            return ExitCode.Success;
        });
        return command;
    }

    private static string Describe(NodeStatus status) => string.Join(
        Environment.NewLine,
        [
            $"id        {status.Id}",
            $"address   {string.Join(", ", status.Addresses)}",
            $"state     {status.State}{(status.Isolated ? ": it has lost every other node, and looks for them" : "")}",
            $"leaf set  {status.LeafSet.Length} nodes",
            .. status.LeafSet.Select(neighbor => $"          {neighbor.Id} {neighbor.Address} {string.Join(" and ", neighbor.Sides)}{Describe(neighbor.RoundTripMs)}"),
            $"table     {string.Join(" + ", status.TableRows)} nodes",
            .. status.Suspects.Select(suspect => $"suspect   {suspect}"),
            .. status.LeasesHeld.Select(lease => $"lease     from {lease.Peer}{Describe(lease)}"),
            .. status.LeasesGranted.Select(lease => $"lease     to   {lease.Peer}{Describe(lease)}"),
            string.Create(CultureInfo.InvariantCulture, $"messages  {status.MessagesDelivered:N0} delivered, {status.MessagesForwarded:N0} forwarded, {status.MessagesDropped:N0} dropped"),
            string.Create(CultureInfo.InvariantCulture, $"failures  {status.Counters.HopTimeouts:N0} hops timed out, {status.Counters.Suspected:N0} nodes suspected, {status.Counters.FoundDead:N0} found dead"),
            string.Create(CultureInfo.InvariantCulture, $"replicas  {status.Replicas:N0}, {status.UsedBytes:N0} of {status.CapacityBytes:N0} bytes used"),
            .. status.Holds.Select(file => $"{(file.Value ? "holds" : "lacks")}     {file.Key}"),
        ]);

    private static string Describe(double? roundTripMs) =>
        roundTripMs is { } milliseconds ? string.Create(CultureInfo.InvariantCulture, $", {milliseconds:f1} ms") : "";

    private static string Describe(LeaseStatus lease) =>
        string.Create(CultureInfo.InvariantCulture, $" on the {lease.Side ?? "far side"}, {lease.EndsInSeconds:f1} s");
}
