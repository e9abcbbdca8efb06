using System.Text;

namespace Interp;

public sealed partial class LabelledArray
{
    private const int BriefRows = 24;

    string INotebookView.Html => LabelledArrayText.Html(this, Heading());

    /// <summary>Writes the array to the console as aligned tables, one per index of the axes before the last two.</summary>
    /// <param name="width">The width in characters; wider tables continue below. Null takes the terminal's, or 120 where there is none.</param>
    public void Print(int? width = null) => Console.Out.Write(ToTable(width ?? TextTable.TerminalWidth()));

    /// <summary>The array as aligned text tables, one per index of the axes before the last two.</summary>
    /// <param name="width">The width in characters; wider tables continue below.</param>
    public string ToTable(int width = 120)
    {
        var text = new StringBuilder(Heading()).Append('\n');
        LabelledArrayText.Append(text, this, width, int.MaxValue);
        return text.ToString();
    }

    /// <summary>The quantity, the axes and the range of the values, then the numbers, shortened to a screen.</summary>
    public override string ToString()
    {
        var text = new StringBuilder(Heading()).Append('\n');
        LabelledArrayText.Append(text, this, 120, BriefRows);
        return text.ToString().TrimEnd('\n');
    }

    private string Heading()
    {
        var range = Count == 0 ? "no values" : $"{NumberText.Short(Min())} to {NumberText.Short(Max())}";
        var heading = $"{Quantity} {Describe(axes)}, {range}";
        return Provenance.IsEmpty() ? heading : $"{heading} ({Provenance})";
    }
}
