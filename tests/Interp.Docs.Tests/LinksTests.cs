namespace Interp.Docs.Tests;

using System.Reflection;
using System.Text.RegularExpressions;
using Interp.Surface.Support;
using Shouldly;
using Xunit;

/// <summary>What the pages name is there: files that they link to, members that the migration page translates into.</summary>
[Trait("Tier", "unit")]
public sealed partial class LinksTests
{
    private static readonly string[] Pages = [Path.Combine(Checkout.Root, "README.md"), .. Directory.EnumerateFiles(Path.Combine(Checkout.Root, "docs"), "*.md").Order(StringComparer.Ordinal)];

    [Fact]
    public void Links_OfThePages_LeadToFiles() =>
        Pages.SelectMany(page => Link().Matches(File.ReadAllText(page)).Select(match => (Page: page, Target: match.Groups["target"].Value)))
            .Where(link => !link.Target.Contains("://", StringComparison.Ordinal) && link.Target[0] != '#')
            .Where(link => !Path.Exists(Path.Combine(Path.GetDirectoryName(link.Page)!, link.Target.Split('#')[0])))
            .Select(link => $"{Path.GetFileName(link.Page)}: {link.Target}")
            .ShouldBeEmpty();

    [Fact]
    public void Names_ThatTheMigrationPageTranslatesInto_AreOurs()
    {
        var ours = typeof(Models).Assembly.GetExportedTypes().SelectMany(type => type.GetMembers(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static).Select(member => member.Name).Append(type.Name)).ToHashSet();
        var rows = File.ReadLines(Path.Combine(Checkout.Root, "docs", "migration.md")).Where(line => line.StartsWith('|') && line.Count(c => c == '|') == 3);
        var named = rows.SelectMany(row => Code().Matches(row.Split('|')[2])).SelectMany(code => Name().Matches(code.Value)).Select(name => name.Value).Distinct().ToArray();

        named.Length.ShouldBeGreaterThan(30);
        named.Except(ours).ShouldBeEmpty();
    }

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex("`[^`]+`")]
    private static partial Regex Code();

    [GeneratedRegex(@"(?<![\w.""])[A-Z]\w+|(?<=\.)[A-Z]\w+")]
    private static partial Regex Name();
}
