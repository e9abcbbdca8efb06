namespace Interp.Tests.Unit.Loading;

using System.Text.RegularExpressions;
using Interp.Extending;
using Interp.Tests.Support;
using Shouldly;
using Xunit;

[Trait("Tier", "unit")]
public sealed partial class ModelFamiliesTests
{
    [Fact]
    public void DocsPage_ListsEveryArchitectureOfTheRegistry()
    {
        var rows = File.ReadLines(Path.Combine(Repository.Root, "docs", "models.md")).Where(line => line.StartsWith("| `", StringComparison.Ordinal));
        var listed = rows.SelectMany(row => Name().Matches(row.Split('|')[1]).Select(match => match.Groups[1].Value)).ToArray();

        listed.ShouldBe(ModelFamilies.Known.SelectMany(family => family.Architectures));
    }

    [Fact]
    public void Families_NameEachArchitectureAndTypeOnce()
    {
        ModelFamilies.Known.SelectMany(family => family.Architectures).ShouldBeUnique();
        ModelFamilies.Known.Select(family => family.ModelType).ShouldBeUnique();
    }

    [Fact]
    public void Find_ModelTypeWithoutArchitectures_Decides()
    {
        foreach (var family in ModelFamilies.Known)
            ModelFamilies.Find(ConfigFile.Parse($$"""{"model_type":"{{family.ModelType}}"}""", "config.json"), []).ShouldBeSameAs(family);
    }

    [GeneratedRegex("`([A-Za-z0-9]+)`")]
    private static partial Regex Name();
}
