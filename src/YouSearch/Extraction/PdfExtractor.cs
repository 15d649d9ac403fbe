using System.Diagnostics;
using System.Text;

namespace P2P.YouSearch.Extraction;

/// <summary>
/// Reads PDF by Poppler's <c>pdftotext</c>, and its title by <c>pdfinfo</c>, each a process of its own: it may crash, hang or eat memory without harm to this one. It gets a copy of the document in a private folder, and is ended with
/// whatever it has started when its time is over or when it has said enough.
/// </summary>
/// <param name="program">The program; null where there is none, and then it reads nothing.</param>
internal sealed class PdfExtractor(string? program) : DocumentExtractor
{
    private const int BytesPerCharacterMax = 3;
    private const int PropertiesLengthMax = 1 << 16;

    /// <summary>How much memory the program may have, where a shell can say so: 1 GiB.</summary>
    private const string Limits = "ulimit -v 1048576 2>/dev/null; exec \"$@\" 2>/dev/null";

    private const string Shell = "/bin/sh";

    private static readonly SemaphoreSlim Running = new(Environment.ProcessorCount, Environment.ProcessorCount);

    /// <summary>Finds the program where the machine keeps its programs.</summary>
    public static string? FindProgram()
    {
        var name = OperatingSystem.IsWindows() ? "pdftotext.exe" : "pdftotext";
        return (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Where(Path.IsPathFullyQualified).Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
    }

    protected override SemaphoreSlim Gate => Running;

    public override bool Reads(string fileName) => program is not null && ExtensionOf(fileName) == "pdf";

    protected override async Task<ExtractedText> ReadAsync(Stream content, string fileName, ExtractionLimits limits, CancellationToken cancellationToken)
    {
        CheckLength(content, limits);
        await CheckBeginningAsync(content, cancellationToken).ConfigureAwait(false);
        var folder = Directory.CreateTempSubdirectory("p2p-search-");
        try
        {
            var file = Path.Combine(folder.FullName, "document.pdf");
            var copy = File.Create(file);
            await using (copy.ConfigureAwait(false))
            {
                await content.CopyToAsync(copy, cancellationToken).ConfigureAwait(false);
            }

            var lengthMax = (int)Math.Min((long)limits.TextLengthMax * BytesPerCharacterMax, 1 << 30);
            var (read, isCut) = await RunAsync(program!, ["-q", "-enc", "UTF-8", "-nopgbrk", file, "-"], lengthMax, cancellationToken).ConfigureAwait(false);
            var text = new TextCollector(limits.TextLengthMax);
            text.Append(read);
            return new ExtractedText("pdf", await ReadTitleAsync(file, cancellationToken).ConfigureAwait(false), text.Finish(), isCut || text.IsCut);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>What does not begin as PDF is not worth a process. Some programs write something in front of it.</summary>
    private static async Task CheckBeginningAsync(Stream content, CancellationToken cancellationToken)
    {
        var beginning = new byte[1024];
        var length = await content.ReadAtLeastAsync(beginning, beginning.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        content.Position = 0;
        if (beginning.AsSpan(0, length).IndexOf("%PDF-"u8) < 0)
        {
            throw new InvalidDataException("This is no PDF.");
        }
    }

    /// <summary>Asks the program that comes with the other. Where it is missing, or says nothing, the name of the file has to do.</summary>
    private async Task<string?> ReadTitleAsync(string file, CancellationToken cancellationToken)
    {
        const string Field = "Title:";
        var properties = Path.Combine(Path.GetDirectoryName(program)!, Path.GetFileName(program)!.Replace("pdftotext", "pdfinfo", StringComparison.Ordinal));
        if (!File.Exists(properties))
        {
            return null;
        }

        try
        {
            var (text, _) = await RunAsync(properties, ["-enc", "UTF-8", file], PropertiesLengthMax, cancellationToken).ConfigureAwait(false);
            return text.Split('\n').FirstOrDefault(line => line.StartsWith(Field, StringComparison.Ordinal)) is { } line ? TextCollector.TitleOf(line.AsSpan(Field.Length)) : null;
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }

    private static async Task<(string Text, bool IsCut)> RunAsync(string program, string[] arguments, int lengthMax, CancellationToken cancellationToken)
    {
        var hasShell = File.Exists(Shell);
        var start = new ProcessStartInfo(hasShell ? Shell : program, hasShell ? ["-c", Limits, "sh", program, .. arguments] : arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
            WorkingDirectory = Path.GetTempPath(),
        };
        using var process = Process.Start(start) ?? throw new InvalidDataException($"{program} cannot be started.");
        try
        {
            process.StandardInput.Close();
            using var output = new MemoryStream();
            var buffer = new byte[1 << 16];
            for (int read; (read = await process.StandardOutput.BaseStream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0;)
            {
                output.Write(buffer, 0, Math.Min(read, lengthMax - (int)output.Length));
                if (output.Length >= lengthMax)
                {
                    return (Encoding.UTF8.GetString(output.ToArray()), true);
                }
            }

            await process.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
            return process.ExitCode == 0
                ? (Encoding.UTF8.GetString(output.ToArray()), false)
                : throw new InvalidDataException($"{Path.GetFileName(program)} can't read this PDF; it ended with {process.ExitCode}.");
        }
        finally
        {
            End(process);
        }
    }

    private static void End(Process process)
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (Exception gone) when (gone is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            // It has ended by itself.
        }
    }
}
