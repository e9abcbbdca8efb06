namespace Interp.Docs.Tests.Errors;

using Interp.Docs.Tests.Support;
using Shouldly;
using Xunit;

/// <summary>Each error of docs/errors.md is provoked, and its message is the one that the page states.</summary>
[Trait("Tier", "model")]
public sealed class ErrorsPageTests
{
    private static readonly string[] Parts = ["loading", "text", "sites", "patching", "dictionaries", "torch"];

    [Fact]
    public void Errors_Provoked_AreAsThePageStatesThem()
    {
        using var folder = new WorkingFolder();
        using var provocations = new Provocations();
        var rows = provocations.All().Select(mistake => (mistake.Part, Row: mistake.Row())).ToArray();
        rows.ShouldAllBe(row => !row.Row.Contains("was no error"));
        rows.Length.ShouldBeGreaterThanOrEqualTo(20);

        var differences = Parts.Select(part => Record.Exception(() => GeneratedPart.ShouldBe("errors.md", part, Table(rows.Where(row => row.Part == part).Select(row => row.Row))))).OfType<Exception>().ToArray();

        Evidence.Record("docs-generated", differences.Length == 0, $"errors.md: {rows.Length} errors provoked, their messages as stated");
        differences.ShouldBeEmpty();
    }

    private static IEnumerable<string> Table(IEnumerable<string> rows) => rows.Prepend("|---|---|---|").Prepend("| message | cause | what to do |");
}
