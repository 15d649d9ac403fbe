using HelloOverlay;

await using var ring = await Ring.StartAsync(count: 8);
(string Name, string Value)[] fruits =
[
    ("apple", "red"), ("banana", "yellow"), ("cherry", "dark red"), ("lime", "green"), ("olive", "black"), ("peach", "pink"), ("plum", "blue"), ("quince", "golden"),
];
var missing = 0;

Console.WriteLine($"{ring.Live.Count} nodes form a ring. One puts {fruits.Length} values:");
foreach (var (name, value) in fruits)
{
    await ring.Live[0].Dictionary.PutAsync(name, value);
    Console.WriteLine($"    node 1 puts {name,-6} = {value,-8}  kept by node {(await ring.ClosestAsync(name)).Number} and its neighbours");
}

Console.WriteLine("Others get them:");
await GetAllAsync();

var victim = await ring.ClosestAsync(fruits[0].Name);
await ring.KillAsync(victim);
Console.WriteLine($"Node {victim.Number} crashes. Its neighbours have copies:");
await GetAllAsync();

Console.WriteLine(missing == 0 ? "All values came back." : $"{missing} values did NOT come back.");
return missing == 0 ? 0 : 1;

async Task GetAllAsync()
{
    for (var i = 0; i < fruits.Length; i++)
    {
        var reader = ring.Live[^(1 + i % (ring.Live.Count - 1))];
        var found = await reader.Dictionary.GetAsync(fruits[i].Name);
        missing += found == fruits[i].Value ? 0 : 1;
        Console.WriteLine($"    node {reader.Number} gets {fruits[i].Name,-6} = {found ?? "nothing"}");
    }
}
