namespace Interp;

/// <summary>The two arrays behind a <see cref="Comparison"/>, to draw it. Comparisons are equal by their figures: what they were made from does not count.</summary>
internal readonly record struct ComparedArrays(LabelledArray? Left, LabelledArray? Right)
{
    public bool Equals(ComparedArrays other) => true;

    public override int GetHashCode() => 0;
}
