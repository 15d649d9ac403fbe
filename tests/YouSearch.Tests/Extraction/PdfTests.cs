using P2P.YouSearch;
using P2P.YouSearch.Extraction;
using YouServ.Tests;

namespace YouSearch.Tests.Extraction;

public sealed class PdfTests
{
    [SkippableFact]
    public async Task A_document_is_read()
    {
        _ = Installed.Program("pdftotext", "poppler-utils");
        var text = await Extracted.FromAsync(PdfFiles.Document("Annual <Report>", "First page & <b>more</b>", "\u00dcber \u0080 5"), "a.pdf");
        Assert.Equal(("pdf", "Annual <Report>", false), (text.Type, text.Title, text.IsCut));
        Assert.Equal("First page & <b>more</b> Über € 5", string.Join(' ', text.Text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)));
    }

    [SkippableFact]
    public async Task A_document_without_a_title_has_none()
    {
        _ = Installed.Program("pdftotext", "poppler-utils");
        Assert.Null((await Extracted.FromAsync(PdfFiles.Document("", "text"), "a.pdf")).Title);
    }

    [SkippableFact]
    public async Task Garbage_is_refused()
    {
        _ = Installed.Program("pdftotext", "poppler-utils");
        await Extracted.RefusedAsync([], "a.pdf");
        await Extracted.RefusedAsync(new byte[10_000], "a.pdf");
        await Extracted.RefusedAsync([.. "%PDF-1.4\n"u8, .. new byte[10_000]], "a.pdf");
    }

    [SkippableFact]
    public async Task What_is_damaged_is_read_or_refused()
    {
        _ = Installed.Program("pdftotext", "poppler-utils");
        var whole = PdfFiles.Document("Title", "some text");
        for (var length = 20; length < whole.Length; length += 150)
        {
            var failure = await Record.ExceptionAsync(() => Extracted.FromAsync(whole[..length], "a.pdf"));
            Assert.True(failure is null or InvalidDataException, $"{length}: {failure}");
        }
    }

    [SkippableFact]
    public async Task A_long_text_is_cut()
    {
        _ = Installed.Program("pdftotext", "poppler-utils");
        var text = await Extracted.FromAsync(PdfFiles.Document("T", [.. Enumerable.Repeat(string.Join(' ', Enumerable.Repeat("word", 50)), 200)]), "a.pdf", new ExtractionLimits { TextLengthMax = 2000 });
        Assert.Equal((true, 2000), (text.IsCut, text.Text.Length));
    }

    [SkippableFact]
    public async Task A_program_that_never_ends_is_ended_with_what_it_has_started()
    {
        Skip.If(OperatingSystem.IsWindows(), "The program that stands in is a script.");
        using var folder = new TemporaryFolder();
        var program = Script(folder, $"sleep 1000 & echo $! > '{folder.In("child")}'; wait");
        using var content = new MemoryStream(PdfFiles.Document("T", "text"));
        using var cancelling = new CancellationTokenSource();
        var reading = new PdfExtractor(program).ExtractAsync(content, "a.pdf", new ExtractionLimits(), cancelling.Token).AsTask();
        var child = await ReadWhenWrittenAsync(folder.In("child"));
        await cancelling.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
        await WaitUntilGoneAsync(int.Parse(child));
    }

    [SkippableFact]
    public async Task A_program_that_never_stops_talking_is_ended()
    {
        Skip.If(OperatingSystem.IsWindows(), "The program that stands in is a script.");
        using var folder = new TemporaryFolder();
        using var content = new MemoryStream(PdfFiles.Document("T", "text"));
        var text = await new PdfExtractor(Script(folder, "exec yes '<pre>word word</pre>'")).ExtractAsync(content, "a.pdf", new ExtractionLimits { TextLengthMax = 100_000 });
        Assert.True(text.IsCut);
        Assert.InRange(text.Text.Length, 1, 100_000);
    }

    [SkippableFact]
    public async Task A_program_may_not_have_all_memory_and_its_failure_is_said()
    {
        Skip.If(OperatingSystem.IsWindows(), "The program that stands in is a script.");
        using var folder = new TemporaryFolder();
        using var content = new MemoryStream(PdfFiles.Document("T", "text"));
        var text = await new PdfExtractor(Script(folder, "ulimit -v")).ExtractAsync(content, "a.pdf", new ExtractionLimits());
        Assert.Equal("1048576", text.Text.Trim());
        content.Position = 0;
        var failure = await Assert.ThrowsAsync<InvalidDataException>(() => new PdfExtractor(Script(folder, "exit 3")).ExtractAsync(content, "a.pdf", new ExtractionLimits()).AsTask());
        Assert.Contains("ended with 3", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_the_program_nothing_is_read() => Assert.False(new PdfExtractor(null).Reads("a.pdf"));

    private static string Script(TemporaryFolder folder, string commands)
    {
        var path = folder.In("pdftotext");
        File.WriteAllText(path, $"#!/bin/sh\n{commands}\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        return path;
    }

    private static async Task<string> ReadWhenWrittenAsync(string path)
    {
        while (!File.Exists(path) || await File.ReadAllTextAsync(path) is not [.., '\n'])
        {
            await Task.Yield();
        }

        return (await File.ReadAllTextAsync(path)).Trim();
    }

    private static async Task WaitUntilGoneAsync(int id)
    {
        try
        {
            using var process = System.Diagnostics.Process.GetProcessById(id);
            await process.WaitForExitAsync();
        }
        catch (ArgumentException)
        {
            // It is gone.
        }
    }
}
