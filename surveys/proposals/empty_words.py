"""Words that say nothing of what a text is about, French and English, in small letters without accents."""

ENGLISH = (
    "about after again all also am an and any are as at be because been before being but by can could did do"
    " does doing done dont for from get got had has have having he her here him his how if in into is it its"
    " just know like made make me more most much my never no nor not now of off on once one only or other our"
    " out over own really said same she should so some such than that the their them then there these they"
    " this those to too up us very was we were what when where which while who why will with would you your"
)
FRENCH = (
    "afin ai alors apres as au aucun aucune aussi autre autres aux avait avaient avant avec avez avoir"
    " avons"
    " bien bonjour car ce ceci cela ces cet cette chez comme dans de depuis des deux dire doit donc dont du"
    " elle elles en encore entre est et etait etaient etant ete etes etre eu eux faire fait faut ici il ils"
    " ja jai je la le les leur leurs lui ma mais me mes meme merci moi mon ne ni non nos notre nous on ont ou"
    " par"
    " pas peu peut plus pour pourquoi pouvoir puis qu quand que quel quelle quelles quels qui quoi rien sa"
    " sans se sera ses si soit son sont sous suis suite sur ta te tes toi ton tous tout toute toutes tres tu"
    " un une vers via vos votre vous"
)
EMPTY_WORDS = frozenset(f"{ENGLISH} {FRENCH}".split())
