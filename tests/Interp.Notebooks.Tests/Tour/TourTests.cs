namespace Interp.Notebooks.Tests.Tour;

using System.Diagnostics;
using Interp.Tests.Support;
using Microsoft.DotNet.Interactive.Formatting;
using Shouldly;
using Xunit;

/// <summary>The notebooks beside the samples: cell by cell, in both formats.</summary>
[Trait("Tier", "science")]
public sealed class TourTests
{
    private static readonly string Folder = Path.Combine(Repository.Root, "samples", "notebooks");

    public static TheoryData<string> Notebooks => [.. Directory.EnumerateFiles(Folder).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal)];

    [Fact]
    public void Formats_OfEachNotebook_HoldTheSameCells()
    {
        var names = Directory.EnumerateFiles(Folder).Select(Path.GetFileNameWithoutExtension).Distinct().ToArray();
        names.ShouldNotBeEmpty();
        foreach (var name in names)
            NotebookFile.Read(Path.Combine(Folder, $"{name}.ipynb")).ShouldBe(
                NotebookFile.Read(Path.Combine(Folder, $"{name}.dib")), $"{name}: dotnet run eng/notebooks.cs writes the .ipynb anew from the .dib");
    }

    [Theory, MemberData(nameof(Notebooks))]
    public async Task Cells_RunInOrder_EachShowsItsResult(string file)
    {
        var cells = NotebookFile.Read(Path.Combine(Folder, file));
        var (kernel, shown, figures, watch) = (new NotebookKernel(), 0, 0, Stopwatch.StartNew());
        var number = 0;
        foreach (var cell in cells.Where(c => c.IsCode))
        {
            number++;
            object? value;
            try
            {
                value = await kernel.Run(cell.Text);
            }
            catch (Exception error)
            {
                Evidence.Record("notebooks-run", false, $"{Path.GetExtension(file)}: cell {number} fails: {error.Message}");
                throw new InvalidOperationException($"{file}, code cell {number}:\n{cell.Text}", error);
            }
            if (value is null)
                continue;
            shown++;
            var html = value.ToDisplayString(HtmlFormatter.MimeType);
            html.ShouldNotBeEmpty();
            html.Contains("dni-treeview\"", StringComparison.Ordinal).ShouldBeFalse($"cell {number} ends in a {value.GetType()}, shown as a list of its properties:\n{cell.Text}");
            value.ToDisplayString(PlainTextFormatter.MimeType).ShouldNotBe(value.GetType().ToString());
            figures += html.Contains("ifig", StringComparison.Ordinal) ? 1 : 0;
        }
        var holds = figures >= 6 && shown == number - 1;
        Evidence.Record("notebooks-run", holds, $"{Path.GetExtension(file)}: {number} code cells of {cells.Count} in {watch.Elapsed.TotalSeconds:F0} s, {figures} figures");
        kernel.Packages.ShouldBe(["Interp.System"]);
        figures.ShouldBeGreaterThanOrEqualTo(6);
        shown.ShouldBe(number - 1, "every cell but the last, which frees the model, shows something");
    }
}
